//! Who answers the questions of a run.

use std::{
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use runbook::options::Questions;
use tokio_util::sync::CancellationToken;

use crate::report::{Screen, visible};

/// Answers questions, or asks at the terminal.
pub(crate) struct Answers {
    /// Answers yes without asking, and who is said to have answered.
    pub(crate) automatic: Option<&'static str>,
    /// The terminal, if somebody sits there.
    pub(crate) terminal: Option<Arc<dyn Screen>>,
    /// Cancelled by Ctrl-C, which also ends a question.
    pub(crate) cancel: CancellationToken,
    /// Whether the input has ended, as by Ctrl-D: the questions of bodies side by side end too.
    pub(crate) ended: AtomicBool,
}

/// How soon a question notices Ctrl-C.
const NOTICE: Duration = Duration::from_millis(50);

impl Questions for Answers {
    fn ask(&self, question: &str) -> Option<(bool, &'static str)> {
        if let Some(by) = self.automatic {
            return Some((true, by));
        }
        let screen = self.terminal.as_ref()?;
        let mut answer = None;
        screen.pause(&mut || {
            if !self.ended.load(Ordering::SeqCst) {
                answer = prompt(question, &self.cancel);
                self.ended.store(answer.is_none(), Ordering::SeqCst);
            }
        });
        answer.map(|answer| (answer, "terminal"))
    }
}

/// Asks until the answer is yes or no; nothing if the input ends or the run is interrupted.
fn prompt(question: &str, cancel: &CancellationToken) -> Option<bool> {
    let question = &*visible(question);
    loop {
        write!(io::stderr(), "{question} [yes/no] ").ok()?;
        let line = line(cancel)?;
        if let Some(answer) = parse(&line) {
            return Some(answer);
        }
    }
}

/// The next line of the input. Reading blocks and can't be given up, so it's another thread that reads.
fn line(cancel: &CancellationToken) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line);
        // Nobody waits for it any more if the run was interrupted.
        drop(sender.send(read.ok().filter(|bytes| *bytes > 0).map(|_| line)));
    });
    loop {
        match receiver.recv_timeout(NOTICE) {
            Ok(line) => return line,
            Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            Err(mpsc::RecvTimeoutError::Timeout) if cancel.is_cancelled() => return None,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
    }
}

fn parse(line: &str) -> Option<bool> {
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_yes_and_no_and_nothing_else() {
        assert_eq!(
            [parse("Yes\n"), parse(" n "), parse("perhaps"), parse("")],
            [Some(true), Some(false), None, None]
        );
    }

    #[test]
    fn nobody_answers_without_a_terminal() {
        let answers = Answers {
            automatic: None,
            terminal: None,
            cancel: CancellationToken::new(),
            ended: AtomicBool::default(),
        };
        assert_eq!(answers.ask("Erase?"), None);
    }

    /// A terminal at which a question would wait for good.
    struct Silent;

    impl Screen for Silent {
        fn pause(&self, ask: &mut dyn FnMut()) {
            ask();
        }
    }

    #[test]
    fn an_input_that_has_ended_ends_the_questions_of_all_bodies() {
        let answers = Answers {
            automatic: None,
            terminal: Some(Arc::new(Silent)),
            cancel: CancellationToken::new(),
            ended: AtomicBool::new(true),
        };
        assert_eq!([answers.ask("pve1?"), answers.ask("pve2?")], [None, None]);
    }
}
