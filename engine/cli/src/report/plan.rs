//! A plan as people read it: what a step would change is shown once the step has ended, like changes of several nodes
//! as one.

use runbook::{
    action::{Action, Change, Kind, ToHost, ToNode},
    journal::{StepPath, entry::Intent},
};

use super::{Paint, change};

/// What stands for a node's name where changes of several nodes are one.
const NODE: &str = "NODE";

/// What is said of a step without changes.
pub(super) const NO_CHANGE: &str = "no change";

/// What a plan says of a step that hasn't ended yet.
#[derive(Debug, Default)]
pub(super) struct Held {
    head: String,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    Line(String),
    Block(Block),
}

/// A change with its fields.
#[derive(Debug)]
struct Block {
    /// The body of `parallel` that makes it.
    body: Option<String>,
    /// Its node, if it's one node's.
    node: String,
    head: String,
    details: Vec<String>,
}

impl Held {
    /// Nothing of a step but its head.
    pub(super) fn new(head: String) -> Self {
        Self {
            head,
            items: Vec::new(),
        }
    }

    /// One more line, as it stands.
    pub(super) fn line(&mut self, line: String) {
        self.items.push(Item::Line(line));
    }

    /// One more change; without its fields if they aren't wanted.
    pub(super) fn change(&mut self, begun: &Intent, brief: bool, paint: Paint) {
        let sure = paint.dim(&format!("({})", begun.confidence));
        let body = begun
            .operation
            .step
            .0
            .split_once('/')
            .map(|(_, body)| body.to_owned());
        let node = body
            .clone()
            .unwrap_or_else(|| node(&begun.action).to_owned());
        let details = if brief {
            Vec::new()
        } else {
            change::details(&begun.change, paint)
        };
        self.items.push(Item::Block(Block {
            head: format!("{} {sure}", change::line(&begun.change, paint)),
            body,
            node,
            details,
        }));
    }

    /// The step's lines, `end` last. One that changes nothing is one line.
    pub(super) fn lines(self, end: Option<String>) -> Vec<String> {
        if let Some(end) = end.as_deref().filter(|end| end.contains(NO_CHANGE))
            && self.items.is_empty()
        {
            return vec![format!("{}: {end}", self.head)];
        }
        let mut lines = vec![self.head];
        for (item, bodies) in merged(self.items) {
            match item {
                Item::Line(line) => lines.push(line),
                Item::Block(block) => lines.extend(block.lines(&bodies)),
            }
        }
        lines.extend(end.map(|end| format!("  {end}")));
        lines
    }
}

impl Block {
    fn lines(&self, nodes: &[String]) -> Vec<String> {
        let label = match (nodes, &self.body) {
            ([_, _, ..], _) => format!("[{}] ", nodes.join(", ")),
            (_, Some(body)) => format!("[{body}] "),
            _ => String::new(),
        };
        if nodes.len() > 1 {
            let details = self.details.iter().map(|line| renamed(line, &self.node));
            let details = details.map(|line| format!("      {line}"));
            return std::iter::once(format!("  {label}{}", renamed(&self.head, &self.node)))
                .chain(details)
                .collect();
        }
        let details = self
            .details
            .iter()
            .map(|line| format!("  {label}    {line}"));
        std::iter::once(format!("  {label}{}", self.head))
            .chain(details)
            .collect()
    }

    /// The same change of another node.
    fn is_like(&self, other: &Self) -> bool {
        self.node != other.node
            && self.body.is_some() == other.body.is_some()
            && self.details.len() == other.details.len()
            && renamed(&self.head, &self.node) == renamed(&other.head, &other.node)
            && self
                .details
                .iter()
                .zip(&other.details)
                .all(|(a, b)| renamed(a, &self.node) == renamed(b, &other.node))
    }
}

/// Blocks that differ in their node alone are one, with the nodes of all.
fn merged(items: Vec<Item>) -> Vec<(Item, Vec<String>)> {
    let mut found: Vec<(Item, Vec<String>)> = Vec::new();
    for item in items {
        let Item::Block(block) = &item else {
            found.push((item, Vec::new()));
            continue;
        };
        let like = found.iter_mut().find(|(other, nodes)| match other {
            Item::Block(other) => block.is_like(other) && !nodes.contains(&block.node),
            Item::Line(_) => false,
        });
        match like {
            Some((_, nodes)) => {
                nodes.push(block.node.clone());
                nodes.sort();
            }
            None => {
                let nodes = vec![block.node.clone()];
                found.push((item, nodes));
            }
        }
    }
    found
}

/// A line in which a node's name, where it stands as a word, is another word.
fn renamed(line: &str, node: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(node).filter(|_| !node.is_empty()) {
        let (before, found) = rest.split_at(at);
        let after = &found[node.len()..];
        let stands_alone = !before.ends_with(is_part) && !after.starts_with(is_part);
        text.push_str(before);
        text.push_str(if stands_alone { NODE } else { node });
        rest = after;
    }
    text + rest
}

/// The node that an action is sent to.
pub(super) fn node(action: &Action) -> &str {
    match action {
        Action::Proxmox(ToNode { node, .. }) | Action::Install { node, .. } => node,
        Action::Host {
            to: ToHost { host, .. },
            ..
        } => host,
    }
}

/// The step that a path is of, if it's a step and not a body of `parallel`.
pub(super) fn is_step(path: &StepPath) -> bool {
    !path.0.contains('/')
}

/// The kinds of changes by their sign.
const KINDS: [(char, &str); 4] = [
    ('+', "to create"),
    ('~', "to change"),
    ('-', "to delete"),
    ('>', "to apply"),
];

/// What a sign stands for.
pub(super) fn word(sign: char) -> &'static str {
    let found = KINDS.iter().find(|(known, _)| *known == sign);
    found.map_or("", |(_, word)| word)
}

/// What signs stand for, in one line.
pub(super) fn legend<'a>(signs: impl Iterator<Item = &'a char>) -> String {
    let known = signs.map(|sign| format!("{sign} {}", word(*sign)));
    known.collect::<Vec<_>>().join(", ")
}

/// The sign of a change.
pub(super) const fn sign(change: &Change) -> char {
    match change.kind {
        Kind::Create => '+',
        Kind::Update => '~',
        Kind::Delete => '-',
        Kind::Apply => '>',
    }
}
