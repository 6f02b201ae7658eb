//! The edits of a document as a unified diff. An edit never adds or removes a line.

use super::offer::Document;

/// How many lines are shown around a change.
const AROUND: usize = 3;

/// A unified diff from a document's text to its edited one, as `patch` and `git apply` take it.
pub(crate) fn diff(document: &Document) -> String {
    let before: Vec<&str> = document.before.split_inclusive('\n').collect();
    let after: Vec<&str> = document.after.split_inclusive('\n').collect();
    let changed: Vec<usize> = (0..before.len().min(after.len()))
        .filter(|at| before[*at] != after[*at])
        .collect();
    let file = document.file();
    let mut text = format!("--- a/{file}\n+++ b/{file}\n");
    for (start, end) in hunks(&changed, before.len()) {
        let count = end - start;
        text.push_str(&format!("@@ -{0},{count} +{0},{count} @@\n", start + 1));
        push_hunk(&mut text, &before[start..end], &after[start..end]);
    }
    text
}

/// The ranges of lines to show: changes that stand near each other are one.
fn hunks(changed: &[usize], lines: usize) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for at in changed {
        let (start, end) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(lines));
        match hunks.last_mut().filter(|last| last.1 >= start) {
            Some(last) => last.1 = end,
            None => hunks.push((start, end)),
        }
    }
    hunks
}

/// The lines of a hunk; of lines that change one after the other, the old ones come first.
fn push_hunk(text: &mut String, before: &[&str], after: &[&str]) {
    let mut at = 0;
    while at < before.len() {
        let run = (at..before.len())
            .take_while(|at| before[*at] != after[*at])
            .count();
        if run == 0 {
            push(text, ' ', before[at]);
            at += 1;
            continue;
        }
        before[at..at + run]
            .iter()
            .for_each(|line| push(text, '-', line));
        after[at..at + run]
            .iter()
            .for_each(|line| push(text, '+', line));
        at += run;
    }
}

fn push(text: &mut String, sign: char, line: &str) {
    text.push(sign);
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff_of(before: &str, after: &str) -> String {
        diff(&Document {
            name: "D".to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    #[test]
    fn shows_changes_with_what_stands_around_them() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14";
        let after = before
            .replace("5\n6\n", "five\nsix\n")
            .replace("14", "fourteen");
        assert_eq!(
            diff_of(before, &after),
            "--- a/docs/D.md\n+++ b/docs/D.md\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n-5\n-6\n+five\n+six\n 7\n 8\n 9\n\
             @@ -11,4 +11,4 @@\n 11\n 12\n 13\n-14\n\\ No newline at end of file\n+fourteen\n\\ No newline at end of file\n"
        );
    }

    #[test]
    fn near_changes_are_one_hunk() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n";
        let after = before.replace('1', "one").replace('8', "eight");
        assert_eq!(diff_of(before, &after).matches("@@ -").count(), 1);
        let far = format!("{before}9\n10\n");
        let after = far.replace("1\n2", "one\n2").replace('9', "nine");
        assert_eq!(diff_of(&far, &after).matches("@@ -").count(), 2);
    }
}
