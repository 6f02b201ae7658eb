//! The difference between the file and what is to become of it, and back.

use serde_json::Value;
use similar::TextDiff;

use super::{Interface, Interfaces, read};

/// How a diff names the two files.
const FILES: (&str, &str) = ("/etc/network/interfaces", "/etc/network/interfaces.new");

/// The staged changes as a unified diff; none if there are none.
///
/// # Errors
/// What keeps one of them from being written, in the API's words.
pub fn changes(current: Interfaces, staged: Interfaces) -> Result<Option<String>, String> {
    let (current, staged) = (super::write(current)?, super::write(staged)?);
    if current == staged {
        return Ok(None);
    }
    let diff = TextDiff::from_lines(&current, &staged);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(FILES.0, FILES.1)
        .to_string();
    Ok(Some(text))
}

/// The interfaces and the staged interfaces behind an answer of `GET /nodes/{node}/network`: `items` is its
/// list, `changes` its diff.
///
/// What is staged is in the list. What it's to replace follows from the diff; if that doesn't fit, because the
/// file has lines that no interface stands for, the staged interfaces are taken for both.
#[must_use]
pub fn load(items: &[Value], changes: Option<&str>) -> (Interfaces, Option<Interfaces>) {
    let mut listed = Interfaces::new();
    for item in items {
        let Some(object) = item.as_object() else {
            continue;
        };
        let mut interface: Interface = object.clone();
        if let Some(name) = interface.shift_remove("iface")
            && let Some(name) = name.as_str()
        {
            listed.insert(name.to_owned(), interface);
        }
    }
    // The list leaves the loopback interface out.
    let mut always = read::read("auto lo\niface lo inet loopback\n", &read::Links::new());
    read::bring_up(&mut always);
    listed.extend(always);
    let Some(changes) = changes.filter(|changes| !changes.trim().is_empty()) else {
        return (listed, None);
    };
    let before = super::write(listed.clone())
        .ok()
        .and_then(|text| revert(&text, changes))
        .map(|text| read::read(&text, &read::links_of(&listed)));
    let mut current = before.unwrap_or_else(|| listed.clone());
    current
        .retain(|name, interface| listed.contains_key(name) || interface.contains_key("priority"));
    (current, Some(listed))
}

/// The text that a unified diff made `text` from; none if it doesn't fit.
fn revert(text: &str, diff: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut before: Vec<&str> = Vec::new();
    let mut at = 0;
    for line in diff.lines().skip_while(|line| !line.starts_with("@@")) {
        if line.starts_with("@@") {
            let start = hunk_start(line)?;
            before.extend(lines.get(at..start)?);
            at = start;
        } else if let Some(removed) = line.strip_prefix('-') {
            before.push(removed);
        } else if let Some(added) = line.strip_prefix('+') {
            if *lines.get(at)? != added {
                return None;
            }
            at += 1;
        } else if let Some(kept) = line.strip_prefix(' ') {
            if *lines.get(at)? != kept {
                return None;
            }
            before.push(kept);
            at += 1;
        }
    }
    before.extend(lines.get(at..)?);
    Some(before.join("\n") + "\n")
}

/// The index of the first line of `@@ -1,2 +3,4 @@` in the new text.
fn hunk_start(line: &str) -> Option<usize> {
    let added = line.split('+').nth(1)?.split(' ').next()?;
    let (start, count) = added.split_once(',').unwrap_or((added, "1"));
    let start: usize = start.parse().ok()?;
    // An empty side is given by the line before it.
    Some(if count == "0" {
        start
    } else {
        start.saturating_sub(1)
    })
}
