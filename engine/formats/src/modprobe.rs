//! Kernel modules: files below `/etc/modprobe.d`, and lists of modules such as those below `/etc/modules-load.d`.

use std::ops::Range;

use crate::lines::{Content, Lines};

/// A module's name as the kernel has it.
#[must_use]
pub fn plain(name: &str) -> String {
    name.replace('-', "_")
}

/// A line of a file: what it does, the module that it's about, and the words behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `options`, `blacklist`, `softdep`; empty in a list of modules.
    pub directive: String,
    /// The module's name as it stands there.
    pub name: String,
    /// What follows.
    pub words: Vec<String>,
}

impl Line {
    /// The module, by its plain name.
    #[must_use]
    pub fn module(&self) -> String {
        plain(&self.name)
    }

    /// It as it's shown: the words that it's made of.
    #[must_use]
    pub fn shown(&self) -> String {
        let head = [&self.directive, &self.name].into_iter();
        let words: Vec<&str> = head.chain(&self.words).map(String::as_str).collect();
        words.join(" ").trim_start().to_owned()
    }
}

/// What a file is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `options MODULE …`, `blacklist MODULE`.
    Directives,
    /// `MODULE`, one a line.
    List,
}

impl Kind {
    fn read(self, text: &str) -> Option<Line> {
        if text.trim_start().starts_with(['#', ';']) {
            return None;
        }
        let mut words = text.split_whitespace();
        let directive = match self {
            Self::Directives => words.next()?,
            Self::List => "",
        };
        Some(Line {
            directive: directive.to_owned(),
            name: words.next()?.to_owned(),
            words: words.map(str::to_owned).collect(),
        })
    }

    fn whole<C: Content + ?Sized>(self, lines: &Lines<'_, C>) -> Vec<(Range<usize>, Line)> {
        let each = || lines.texts().enumerate();
        let texts = match self {
            Self::Directives => lines.joined(""),
            Self::List => each()
                .map(|(at, text)| (at..at + 1, text.into_owned()))
                .collect(),
        };
        let texts = texts.into_iter();
        texts
            .filter_map(|(range, text)| Some((range, self.read(&text)?)))
            .collect()
    }

    /// The lines of a file that say something.
    #[must_use]
    pub fn lines(self, content: &(impl Content + ?Sized)) -> Vec<Line> {
        let lines = self.whole(&Lines::of(content)).into_iter();
        lines.map(|(_, line)| line).collect()
    }

    /// A file in which the lines that `is_own` knows are replaced by one; without a new line they go.
    pub fn with<C: Content + ?Sized>(
        self,
        content: &C,
        is_own: impl Fn(&Line) -> bool,
        line: Option<&str>,
    ) -> C::Owned {
        let mut lines = Lines::of(content);
        let own = self.whole(&lines).into_iter();
        let own: Vec<Range<usize>> = own
            .filter(|(_, line)| is_own(line))
            .map(|(range, _)| range)
            .collect();
        lines.replace_all(&own, line);
        lines.content()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_files_say_of_modules() {
        let text = "# options a b\noptions vfio-pci ids=1:2 \\\n  x=y\nblacklist  nouveau\n";
        let lines = Kind::Directives.lines(text);
        let [options, blacklist] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert_eq!(
            (&*options.directive, &*options.module()),
            ("options", "vfio_pci")
        );
        assert_eq!(options.words, ["ids=1:2", "x=y"]);
        assert_eq!(
            (&*blacklist.module(), blacklist.words.len()),
            ("nouveau", 0)
        );
        let list = Kind::List.lines("# x\n; y\n\n vfio-pci z\n");
        assert_eq!((list.len(), &*list[0].module()), (1, "vfio_pci"));
    }

    #[test]
    fn replaces_lines_that_go_on_as_a_whole() {
        let text = "a b\noptions x 1 \\\n 2\n# c";
        let is_own = |line: &Line| line.directive == "options" && line.name == "x";
        let new = Kind::Directives.with(text, is_own, Some("options x 3"));
        assert_eq!(new, "a b\noptions x 3\n# c");
        assert_eq!(Kind::Directives.with(text, is_own, None), "a b\n# c");
    }
}
