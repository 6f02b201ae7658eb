//! Failures as reports: what failed, at which line of which file, the causes word for word, and what to do.

use std::{collections::BTreeMap, fmt};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
    SourceOffset, SourceSpan,
};
use runbook::failure::{Class, Failure};
use textwrap::{WordSeparator, WordSplitter};
use world::{Place, code::Code};

use super::visible::{in_failure, visible};
use crate::settings::Style;

/// How wide a report is where the terminal doesn't say.
const WIDTH: usize = 100;

/// The reports of failures, one after the other; `sources` are the files that they point to.
pub(crate) fn reports(
    failures: &[Failure],
    sources: &BTreeMap<String, String>,
    style: Style,
) -> String {
    let theme = match style {
        Style::Plain => GraphicalTheme::unicode_nocolor(),
        Style::Coloured | Style::Terminal => GraphicalTheme::unicode(),
    };
    // Paths, fingerprints and addresses are copied from reports, so a line is broken at spaces alone.
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
        .with_break_words(false)
        .with_links(false);
    let mut text = String::new();
    let shown = |(file, text): (&String, &String)| {
        (
            file.clone(),
            visible(&text.replace("\r\n", "\n")).into_owned(),
        )
    };
    let sources = &sources.iter().map(shown).collect();
    for failure in &failures.iter().map(in_failure).collect::<Vec<_>>() {
        if failure.class == Class::Interrupted {
            text.push_str(&stopped(failure));
            continue;
        }
        if handler
            .render_report(&mut text, &Shown::new(failure, sources))
            .is_err()
        {
            // Writing to a string fails only if the report can't be laid out.
            text.push_str(&format!("{failure}\n"));
        }
        text.push('\n');
    }
    text
}

/// What somebody stopped is no mistake: two lines, and no excerpt.
fn stopped(failure: &Failure) -> String {
    let help = failure.help.iter().map(|help| format!("{help}\n"));
    format!("{failure}\n{}", help.collect::<String>())
}

/// What shows the page of an error's code.
pub(crate) fn page(code: &Code) -> String {
    let (family, name) = code.parts();
    format!("homelab doc {family}::{name}")
}

/// A failure as miette shows it.
struct Shown<'a> {
    failure: &'a Failure,
    cause: Option<Cause>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    /// Frames in other files than the failure's own.
    elsewhere: Vec<Frame>,
    help: Option<String>,
}

impl<'a> Shown<'a> {
    fn new(failure: &'a Failure, sources: &BTreeMap<String, String>) -> Self {
        let place = failure.place.as_ref();
        let text = place.and_then(|place| sources.get(&place.file));
        let mut labels = Vec::new();
        let mut elsewhere = Vec::new();
        if let (Some(place), Some(text)) = (place, text) {
            labels.push(label(
                place,
                text,
                failure
                    .operation
                    .clone()
                    .or_else(|| Some("here".to_owned())),
            ));
        }
        for frame in &failure.frames {
            match (sources.get(&frame.file), place) {
                (Some(text), Some(place)) if place.file == frame.file => {
                    labels.push(label(frame, text, Some("from here".to_owned())));
                }
                (Some(text), _) => elsewhere.push(Frame::new(frame, text)),
                (None, _) => {}
            }
        }
        let unseen = place
            .filter(|_| text.is_none())
            .map(|place| format!("at {place}"));
        let page = format!("see `{}`", page(&failure.code));
        let parts = [unseen, failure.help.clone(), Some(page)];
        Self {
            failure,
            cause: Cause::chain(&failure.causes),
            source: place
                .zip(text)
                .map(|(place, text)| NamedSource::new(&place.file, text.clone())),
            labels,
            elsewhere,
            help: Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n")),
        }
    }
}

fn label(place: &Place, text: &str, words: Option<String>) -> LabeledSpan {
    let offset = SourceOffset::from_location(text, place.line, place.column).offset();
    let rest = text.get(offset..).unwrap_or_default();
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(rest.len());
    LabeledSpan::new_with_span(
        words,
        SourceSpan::new(offset.into(), length.max(usize::from(!rest.is_empty()))),
    )
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.failure, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.failure.message)
    }
}

impl std::error::Error for Shown<'_> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.failure.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.elsewhere.iter().map(|frame| frame as _)))
    }
}

/// A call in another file that led to the failure.
#[derive(Debug)]
struct Frame {
    place: Place,
    source: NamedSource<String>,
    label: LabeledSpan,
}

impl Frame {
    fn new(place: &Place, text: &str) -> Self {
        Self {
            label: label(place, text, Some("from here".to_owned())),
            source: NamedSource::new(&place.file, text.to_owned()),
            place: place.clone(),
        }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "called at {}", self.place)
    }
}

impl std::error::Error for Frame {}

impl Diagnostic for Frame {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

/// The causes of a failure, outermost first.
#[derive(Debug)]
struct Cause {
    text: String,
    next: Option<Box<Self>>,
}

impl Cause {
    fn chain(causes: &[String]) -> Option<Self> {
        causes.iter().rev().fold(None, |next, text| {
            Some(Self {
                text: text.clone(),
                next: next.map(Box::new),
            })
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.next.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use world::code;

    use super::*;

    #[test]
    fn shows_place_frames_causes_help_and_page() {
        let place = |file: &str, line, column| Place {
            file: file.to_owned(),
            line,
            column,
        };
        let mut failure = Failure::new(code::proxmox::permission, "storage nas can't be made")
            .cause("403 Permission check failed (/storage, Datastore.Allocate)")
            .help("give the role Datastore.Allocate");
        failure.operation = Some("proxmox::storage::ensure".to_owned());
        failure.place = Some(place("stdlib/storage.rhai", 2, 5));
        failure.frames = vec![place("runbooks/phase1.rhai", 1, 1)];
        let sources = BTreeMap::from([
            (
                "stdlib/storage.rhai".to_owned(),
                "fn nas() {\n    proxmox::storage::ensure(\"nas\", #{})\n}\n".to_owned(),
            ),
            (
                "runbooks/phase1.rhai".to_owned(),
                "storage::nas();\n".to_owned(),
            ),
        ]);
        let text = reports(&[failure], &sources, Style::Plain);
        for part in [
            code::proxmox::permission.as_str(),
            "storage nas can't be made",
            "403 Permission check failed (/storage, Datastore.Allocate)",
            "stdlib/storage.rhai:2:5",
            "proxmox::storage::ensure",
            "called at runbooks/phase1.rhai:1:1",
            "give the role Datastore.Allocate",
            "see `homelab doc proxmox::permission`",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn breaks_lines_at_spaces_alone() {
        let words = [
            "SHA256:/al+/AP94IlfKbYDzhXeUmFNAxDWT10jfbK980/0hXs".to_owned(),
            "/etc/network/interfaces.d/vmbr0-no-subscription".to_owned(),
            "deep/".repeat(30),
        ];
        let long = words.join(" instead of ");
        let failure = Failure::new(code::host::changed_key, long.clone())
            .cause(long.clone())
            .help(long);
        let text = reports(&[failure], &BTreeMap::new(), Style::Plain);
        for word in &words {
            assert_eq!(text.matches(word.as_str()).count(), 3, "{word} in\n{text}");
        }
    }
}
