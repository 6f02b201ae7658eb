//! The commands of a shell's text: which of them set variables.

use std::ops::Range;

use super::{
    Set, Unclear, What,
    word::{self, Word as Value},
};

/// What begins a command that holds others.
const OPENS: &[&str] = &["if", "while", "until", "for", "case", "select", "{"];
const CLOSES: &[&str] = &["fi", "done", "esac", "}"];
/// What stands before a command inside of one.
const BEFORE: &[&str] = &["then", "else", "elif", "do", "!"];

/// Where a text sets variables, or may.
///
/// # Errors
/// A word has no end, or there is a here-document.
pub(super) fn sets(text: &str) -> Result<Vec<Set<'_>>, Unclear> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        parentheses: 0,
        is_joined: false,
        sets: Vec::new(),
    };
    while reader.between() {
        let command = reader.command()?;
        reader.keep(command);
    }
    Ok(reader.sets)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// In so many commands that hold others.
    depth: usize,
    parentheses: usize,
    /// Whether `|`, `&` or the like stands before the next command.
    is_joined: bool,
    sets: Vec<Set<'a>>,
}

/// A simple command.
struct Command<'a> {
    start: usize,
    end: usize,
    words: Vec<Word<'a>>,
    /// Whether it's carried out here whenever the file is read.
    is_sure: bool,
}

struct Word<'a> {
    raw: &'a str,
    assigned: Option<Assigned<'a>>,
}

struct Assigned<'a> {
    name: &'a str,
    value: Value,
    place: Range<usize>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Passes blanks, and line ends that are none.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with([' ', '\t']) {
                self.at += 1;
            } else if rest.starts_with("\\\n") {
                self.at += 2;
            } else {
                return;
            }
        }
    }

    /// Passes what stands between commands; whether one follows.
    fn between(&mut self) -> bool {
        loop {
            self.blanks();
            let rest = self.rest();
            if rest.starts_with(['\n', ';']) {
                self.at += 1;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return !rest.is_empty();
            }
        }
    }

    fn unclear(&self, at: usize, reason: &'static str) -> Unclear {
        Unclear {
            line: line_of(self.text, at),
            reason,
        }
    }

    fn command(&mut self) -> Result<Command<'a>, Unclear> {
        let mut command = Command {
            start: self.at,
            end: self.at,
            words: Vec::new(),
            is_sure: !self.is_joined,
        };
        self.is_joined = false;
        loop {
            self.blanks();
            match self.rest().chars().next() {
                None | Some('\n' | ';' | '#') => break,
                Some('&' | '|') => {
                    let rest = self.rest();
                    self.at += rest.find(|c| !"&|".contains(c)).unwrap_or(rest.len());
                    self.is_joined = true;
                    break;
                }
                Some('(') => self.parentheses += 1,
                // A pattern of `case` has one that closes nothing.
                Some(')') => self.parentheses = self.parentheses.saturating_sub(1),
                Some('<') if self.rest().starts_with("<<") => {
                    return Err(self.unclear(self.at, "a here-document stands in it"));
                }
                Some('<' | '>') => {}
                Some(_) => {
                    command.words.push(self.word()?);
                    continue;
                }
            }
            command.is_sure = false;
            self.at += 1;
        }
        command.end = self.at;
        command.is_sure &= !self.is_joined && self.parentheses == 0;
        Ok(command)
    }

    fn word(&mut self) -> Result<Word<'a>, Unclear> {
        let (start, rest) = (self.at, self.rest());
        let name = word::name_at(rest);
        let is_assignment = !name.is_empty() && rest[name.len()..].starts_with('=');
        let from = start + if is_assignment { name.len() + 1 } else { 0 };
        let value =
            Value::read(&self.text[from..]).map_err(|reason| self.unclear(start, reason))?;
        self.at = from + value.length;
        Ok(Word {
            raw: &self.text[start..self.at],
            assigned: is_assignment.then_some(Assigned {
                name,
                value,
                place: from..self.at,
            }),
        })
    }

    /// Keeps what a command sets.
    fn keep(&mut self, command: Command<'a>) {
        let Command {
            start,
            end,
            mut words,
            is_sure,
        } = command;
        self.descend(&mut words);
        let line = line_of(self.text, start);
        let set = |what| Set { line, what };
        let first = words.first().map_or("", |word| word.raw);
        let is_export = matches!(first, "export" | "readonly");
        let is_plain = is_export || words.iter().all(|word| word.assigned.is_some());
        if matches!(first, "." | "source" | "eval") {
            self.sets.push(set(What::Any));
        } else if !is_plain || !is_sure || self.depth > 0 {
            self.sets.push(set(What::Maybe(&self.text[start..end])));
        } else {
            let plain = words.into_iter().filter_map(|word| word.assigned);
            self.sets.extend(plain.map(|assigned| {
                set(What::Plain {
                    name: assigned.name,
                    value: assigned.value,
                    place: assigned.place,
                })
            }));
        }
    }

    /// Passes the words that hold commands together.
    fn descend(&mut self, words: &mut Vec<Word<'_>>) {
        // A function's body begins behind its name.
        let body = words.iter().skip(1).filter(|word| word.raw == "{").count();
        while let Some(first) = words.first().map(|word| word.raw) {
            if OPENS.contains(&first) {
                self.depth += 1;
            } else if CLOSES.contains(&first) {
                self.depth = self.depth.saturating_sub(1);
            } else if !BEFORE.contains(&first) {
                break;
            }
            words.remove(0);
        }
        self.depth += body;
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}
