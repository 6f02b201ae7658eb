//! The facts of a lab: the tables in the Markdown files of `docs/`.

