//! Who answers the questions of a run.

use std::{
    io::{self, BufRead as _, Write as _},
    sync::Arc,
};

use runbook::options::Questions;

use crate::report::Screen;

/// Answers questions, or asks at the terminal.
pub(crate) struct Answers {
    /// Answers yes without asking, and who is said to have answered.
    pub(crate) automatic: Option<&'static str>,
    /// The terminal, if somebody sits there.
    pub(crate) terminal: Option<Arc<dyn Screen>>,
}

impl Questions for Answers {
    fn ask(&self, question: &str) -> Option<(bool, &'static str)> {
        if let Some(by) = self.automatic {
            return Some((true, by));
        }
        let screen = self.terminal.as_ref()?;
        let mut answer = None;
        screen.pause(&mut || answer = prompt(question));
        answer.map(|answer| (answer, "terminal"))
    }
}

/// Asks until the answer is yes or no; nothing if the input ends.
fn prompt(question: &str) -> Option<bool> {
    let mut line = String::new();
    loop {
        write!(io::stderr(), "{question} [yes/no] ").ok()?;
        line.clear();
        if io::stdin().lock().read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(answer) = parse(&line) {
            return Some(answer);
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
        };
        assert_eq!(answers.ask("Erase?"), None);
    }
}
