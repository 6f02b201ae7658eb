//! A script that a host runs: the call of the verb `run`, and how it's read.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{
    Call, Verb,
    frame::{escape, unescape},
};

/// Why a script can't be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// A variable's name isn't letters, digits and `_` with no digit first.
    #[error("'{0}' can't be the name of a variable")]
    Name(String),
    /// A script, or a value of its environment, holds a zero byte.
    #[error("{0} holds a zero byte")]
    ZeroByte(String),
}

/// A script: it travels as input, so neither its text nor its environment is recorded or seen in a list of processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Its text.
    pub text: String,
    /// The shell that runs it, one that understands POSIX sh; none: `sh`.
    pub shell: Option<String>,
    /// Who runs it; none: the caller. Only root may name another.
    pub user: Option<String>,
    /// Where it runs; none: where the caller is.
    pub directory: Option<String>,
    /// What is added to its environment.
    pub environment: BTreeMap<String, String>,
    /// Its standard input; empty: `/dev/null`.
    pub input: Bytes,
}

impl Script {
    /// A script with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The call that runs it.
    ///
    /// # Errors
    /// See [`ScriptError`].
    pub fn call(&self) -> Result<Call, ScriptError> {
        if self.text.contains('\0') {
            return Err(ScriptError::ZeroByte("the script".to_owned()));
        }
        let mut head = String::new();
        for (name, value) in &self.environment {
            escape(assignment(name, value)?.as_bytes(), &mut head);
        }
        head.push('\n');
        escape(self.text.as_bytes(), &mut head);
        head.push('\n');
        let input = [head.as_bytes(), &self.input[..]].concat();
        let or = |word: &Option<String>, other: &str| word.as_deref().unwrap_or(other).to_owned();
        let args = [
            or(&self.user, "-"),
            or(&self.directory, "-"),
            or(&self.shell, "sh"),
        ];
        Ok(Call::new(Verb::RUN, args).with_input(input))
    }

    /// The script that a call of `run` carries; none if its arguments or input are no script's.
    #[must_use]
    pub fn read(args: &[String], input: &Bytes) -> Option<Self> {
        let [user, directory, shell] = args else {
            return None;
        };
        let mut lines = input.splitn(3, |byte| *byte == b'\n');
        let environment = decoded(lines.next()?)?;
        let text = decoded(lines.next()?)?;
        let given = |word: &String| (word != "-").then(|| word.clone());
        Some(Self {
            text,
            shell: Some(shell.clone()),
            user: given(user),
            directory: given(directory),
            environment: assignments(&environment)?,
            input: input.slice_ref(lines.next()?),
        })
    }
}

/// The code that sets a variable.
fn assignment(name: &str, value: &str) -> Result<String, ScriptError> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.chars().all(is_word) || !name.starts_with(|c: char| is_word(c) && !c.is_ascii_digit())
    {
        return Err(ScriptError::Name(name.to_owned()));
    }
    if value.contains('\0') {
        return Err(ScriptError::ZeroByte(name.to_owned()));
    }
    Ok(format!(
        "export {name}='{}'; ",
        value.replace('\'', r"'\''")
    ))
}

/// What code of [`assignment`] sets.
fn assignments(code: &str) -> Option<BTreeMap<String, String>> {
    let mut set = BTreeMap::new();
    let mut rest = code;
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix("export ")?.split_once("='")?;
        let end = value_end(after)?;
        set.insert(name.to_owned(), after[..end].replace(r"'\''", "'"));
        rest = after[end..].strip_prefix("'; ")?;
    }
    Some(set)
}

/// Where a quoted value ends: at the first quote that isn't one of `'\''`.
fn value_end(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let quote = from + text[from..].find('\'')?;
        if !text[quote..].starts_with(r"'\''") {
            return Some(quote);
        }
        from = quote + 4;
    }
}

fn decoded(line: &[u8]) -> Option<String> {
    String::from_utf8(unescape(std::str::from_utf8(line).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_is_what_is_read() {
        let script = Script {
            text: "echo \"$A\"\n# 'é'\n".to_owned(),
            shell: Some("bash".to_owned()),
            user: Some("nobody".to_owned()),
            directory: Some("/srv".to_owned()),
            environment: [("A", "it's '; \n$x"), ("_b2", ""), ("C", "'")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            input: Bytes::from_static(b"\n\0\xffinput\n"),
        };
        let call = script.call().unwrap();
        assert_eq!(Script::read(&call.args, &call.input), Some(script));
        assert_eq!(Script::read(&call.args, &Bytes::from_static(b"x\ny")), None);
    }

    #[test]
    fn refuses_what_a_shell_would_misread() {
        let mut script = Script::new("true");
        for name in ["", "1A", "A B", "A;x", "é"] {
            script.environment = [(name.to_owned(), String::new())].into();
            assert_eq!(script.call(), Err(ScriptError::Name(name.to_owned())));
        }
        assert!(Script::new("a\0b").call().is_err());
    }
}
