//! What the process was given: read once, at the start.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use runbook::failure::{Class, Failure};
use world::code;

/// The environment of the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// The variables that are text.
    pub(crate) variables: BTreeMap<String, String>,
    /// The folder that homelab was started in.
    pub(crate) folder: PathBuf,
    /// Whether somebody can be asked: input and error output are a terminal.
    pub(crate) can_ask: bool,
    /// How standard output is written.
    pub(crate) output: Style,
    /// How standard error is written.
    pub(crate) errors: Style,
}

/// How text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// Plain lines.
    #[default]
    Plain,
    /// Lines with colours.
    Coloured,
    /// A terminal, with colours and lines that change.
    Terminal,
}

/// When output is coloured
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always, also in a file or a pipe
    Always,
    /// Never: plain lines
    Never,
}

impl Style {
    const fn coloured(self, colour: Colour) -> Self {
        match (colour, self) {
            (Colour::Auto, style) | (Colour::Always, style @ Self::Terminal) => style,
            (Colour::Always, _) => Self::Coloured,
            (Colour::Never, _) => Self::Plain,
        }
    }
}

impl Settings {
    /// The same with the colours that the command line chooses.
    pub(crate) const fn coloured(mut self, colour: Colour) -> Self {
        self.output = self.output.coloured(colour);
        self.errors = self.errors.coloured(colour);
        self
    }

    /// Reads variables, folder and terminals.
    ///
    /// # Errors
    /// The folder that homelab was started in is gone.
    pub(crate) fn read() -> Result<Self, Failure> {
        let pairs = std::env::vars_os();
        let variables: BTreeMap<String, String> = pairs
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let folder = std::env::current_dir().map_err(|error| {
            Failure::new(
                code::lab::unreadable,
                "the folder that homelab was started in can't be read",
            )
            .class(Class::Refused)
            .cause(error.to_string())
            .help("change into your lab")
        })?;
        let plain = variables
            .get("NO_COLOR")
            .is_some_and(|value| !value.is_empty());
        let style = |is_terminal: bool| {
            if is_terminal && !plain {
                Style::Terminal
            } else {
                Style::Plain
            }
        };
        Ok(Self {
            can_ask: io::stdin().is_terminal() && io::stderr().is_terminal(),
            output: style(io::stdout().is_terminal()),
            errors: style(io::stderr().is_terminal()),
            variables,
            folder,
        })
    }

    /// The value of a variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether `HOMELAB_YES` answers yes to every question.
    pub(crate) fn yes(&self) -> bool {
        self.variable("HOMELAB_YES")
            .is_some_and(|value| !matches!(value, "0" | "no" | "false"))
    }
}
