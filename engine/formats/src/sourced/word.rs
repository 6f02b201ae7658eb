//! A word of a shell's text: what of it is plain, and what only a shell can tell.

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// `$NAME` or `${NAME}`.
    Variable(String),
    /// What only a shell can tell.
    Opaque(&'static str),
}

const OPEN_QUOTE: &str = "its quote doesn't end";

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

pub(super) fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether a text can be a variable's name.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && name_at(text) == text
}

/// The name at the start of a text; empty if there is none.
pub(super) fn name_at(text: &str) -> &str {
    if !text.starts_with(is_name_start) {
        return "";
    }
    let end = text.find(|c| !is_in_name(c)).unwrap_or(text.len());
    &text[..end]
}

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    parts: Vec<Part>,
    /// How many bytes it has.
    pub(crate) length: usize,
    /// Whether a part of it is a pattern, outside quotes.
    pub(crate) is_pattern: bool,
}

impl Word {
    /// Reads the word at the start of a text.
    ///
    /// # Errors
    /// It has no end.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let mut scan = Scan {
            text,
            at: 0,
            parts: Vec::new(),
            is_pattern: false,
        };
        scan.word()?;
        Ok(Self {
            parts: scan.parts,
            length: scan.at,
            is_pattern: scan.is_pattern,
        })
    }

    /// Its text, where variables have these values.
    ///
    /// # Errors
    /// Why only a shell can tell.
    pub(crate) fn text(
        &self,
        variable: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Result<String, &'static str> {
        let text = |part: &Part| match part {
            Part::Text(text) => Ok(text.clone()),
            Part::Variable(name) => variable(name),
            Part::Opaque(reason) => Err(*reason),
        };
        self.parts.iter().map(text).collect()
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    parts: Vec<Part>,
    is_pattern: bool,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.parts.push(Part::Text(c.to_string())),
        }
    }

    fn opaque(&mut self, reason: &'static str) {
        self.parts.push(Part::Opaque(reason));
    }

    fn word(&mut self) -> Result<(), &'static str> {
        let mut last = ':';
        while let Some(c) = self.peek() {
            if c.is_ascii_whitespace() && c != '\r' || ";&|<>()".contains(c) {
                break;
            }
            self.at += c.len_utf8();
            match c {
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => match self.take() {
                    Some('\n') => {}
                    Some(next) => self.push(next),
                    None => return Err("it ends in a backslash"),
                },
                '$' if self.text[self.at..].starts_with(['\'', '"']) => {
                    self.opaque("shells differ in what a quote behind '$' is");
                }
                '$' => self.dollar()?,
                '`' => self.backquoted()?,
                // At the start of a value, and behind a colon.
                '~' if last == ':' => self.opaque("a home folder stands in it"),
                c => {
                    self.is_pattern |= "*?[".contains(c);
                    self.push(c);
                }
            }
            last = c;
        }
        Ok(())
    }

    fn single(&mut self) -> Result<(), &'static str> {
        loop {
            match self.take().ok_or(OPEN_QUOTE)? {
                '\'' => return Ok(()),
                c => self.push(c),
            }
        }
    }

    fn double(&mut self) -> Result<(), &'static str> {
        loop {
            match self.take().ok_or(OPEN_QUOTE)? {
                '"' => return Ok(()),
                '\\' => match self.take().ok_or(OPEN_QUOTE)? {
                    '\n' => {}
                    next @ ('$' | '`' | '"' | '\\') => self.push(next),
                    next => {
                        self.push('\\');
                        self.push(next);
                    }
                },
                '$' => self.dollar()?,
                '`' => self.backquoted()?,
                c => self.push(c),
            }
        }
    }

    /// What follows a `$`.
    fn dollar(&mut self) -> Result<(), &'static str> {
        let rest = &self.text[self.at..];
        let inner = rest.strip_prefix('{').map(name_at).unwrap_or_default();
        if !inner.is_empty() && rest[1 + inner.len()..].starts_with('}') {
            self.at += inner.len() + 2;
            self.parts.push(Part::Variable(inner.to_owned()));
            return Ok(());
        }
        match rest.chars().next() {
            Some('(') => self.nested("a command stands in it", ('(', ')'))?,
            Some('{') => self.nested(
                "more than a variable's name stands in its braces",
                ('{', '}'),
            )?,
            Some(c) if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.at += 1;
                self.opaque("a parameter of the shell stands in it");
            }
            Some(c) if is_name_start(c) => {
                let name = name_at(rest);
                self.at += name.len();
                self.parts.push(Part::Variable(name.to_owned()));
            }
            _ => self.push('$'),
        }
        Ok(())
    }

    fn nested(&mut self, reason: &'static str, pair: (char, char)) -> Result<(), &'static str> {
        self.opaque(reason);
        let mut depth = 0_usize;
        loop {
            let open = "its parentheses or braces don't end";
            match self.take().ok_or(open)? {
                '\\' => drop(self.take()),
                '\'' => self.single()?,
                '"' => self.double()?,
                c if c == pair.0 => depth += 1,
                c if c == pair.1 => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn backquoted(&mut self) -> Result<(), &'static str> {
        self.opaque("a command stands in it");
        loop {
            match self.take().ok_or("its backquote doesn't end")? {
                '`' => return Ok(()),
                '\\' => drop(self.take()),
                _ => {}
            }
        }
    }
}
