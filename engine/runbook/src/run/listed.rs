//! What a listing of a runbook finds, before anything runs.

/// What the script's `step` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Lists the steps; no body runs.
    #[default]
    List,
    /// Runs them.
    Run,
}

/// A step as a listing finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The group that it's in.
    pub group: Option<String>,
    /// Whether the run that is gone on with has done it.
    pub recorded: bool,
    /// Whether it's done there or in an earlier run, and its record still fits.
    pub fits: bool,
}

impl Listed {
    /// Whether a name is its id or its title.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.id == name || self.title == name
    }

    /// Whether a name is its id, its title, or that of its group.
    pub(crate) fn is_among(&self, name: &str) -> bool {
        self.is_called(name) || self.group.as_deref() == Some(name)
    }
}

/// What a runbook declares of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its semantic version.
    pub version: String,
}
