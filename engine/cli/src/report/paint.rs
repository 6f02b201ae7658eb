//! Colours, where the terminal shows them.

use crate::settings::Style;

/// Colours text, or leaves it plain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paint(bool);

impl Paint {
    /// Colours for a style.
    pub(crate) const fn new(style: Style) -> Self {
        Self(!matches!(style, Style::Plain))
    }

    /// What is new or went well.
    pub(crate) fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    /// What goes, or failed.
    pub(crate) fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    /// What changes, or isn't known.
    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    /// What matters less.
    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// Headings.
    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}
