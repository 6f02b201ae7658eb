//! The edits of a document as a unified diff.

use similar::TextDiff;
use world::docs::Document;

/// A unified diff from a document's text to its edited one, as `patch` and `git apply` take it.
pub(super) fn diff(document: &Document) -> String {
    let file = document.file();
    TextDiff::from_lines(&document.before, &document.after)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{file}"), &format!("b/{file}"))
        .to_string()
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
