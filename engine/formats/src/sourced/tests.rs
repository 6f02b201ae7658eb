use std::{path::Path, process::Command};

use super::*;

/// What all shells that are here make of a text.
fn shells(text: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), text).unwrap();
    let print = ". ./file >/dev/null 2>&1; printf %s \"${X-unset}\"";
    let mut found: Vec<String> = Vec::new();
    for shell in ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"] {
        if !Path::new(shell).exists() {
            println!("not tried, not installed: {shell}");
            continue;
        }
        let mut command = Command::new(shell);
        if shell.ends_with("busybox") {
            command.arg("sh");
        }
        command.args(["-c", print]).current_dir(folder.path());
        let printed = command.output().unwrap().stdout;
        found.push(String::from_utf8(printed).unwrap());
    }
    found.dedup();
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.pop().filter(|value| value != "unset")
}

#[test]
fn reads_plain_settings_as_shells_do() {
    for text in [
        "",
        "X=quiet",
        "X=\"quiet\" # text\n",
        "X='a b'#c\n",
        "X=a'b'\"c\"\\ d\n",
        "X=a#b\n#X=c\n # X=d\n",
        "X=\"a \\\"b\\\" \\$c \\\\ \\d\"\n",
        "X='a \"b\" $c \\'\n",
        "X=\"a \\\nb\" Y=\"\n\"\n",
        "X=a; X=b\nY='\nX=c\n'\n",
        "export X=\"a b\" Y=c\n",
        "X=\n",
        "  X=\"a\"\t\n",
        "X=$ Y='it''s'\n",
        "Y=`( . /etc/os-release; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`\nX=a\n",
        "Y=$(echo \"a ) b\" ')' \\))\nX=a\n",
        "XY=a\nY=\"$X\"\n",
        "if true; then X=a; fi\nX=b\n",
        "f() {\nX=a\n}\nX=b\n",
        "case a in\na)\nX=b\n;;\nesac\nX=c\n",
        "echo a | cat\nX=b\n",
        "X=\"a~b\"\n",
        "X=\"ä €\" # ü\n",
    ] {
        let value = Sourced::read(text).unwrap().value("X").unwrap();
        assert_eq!(value, shells(text), "{text}");
    }
}

#[test]
fn follows_variables_from_file_to_file() {
    let texts = ["Y=b X=\"a $Y\"\n", "X=\"$X ${Y}c\"\nY=d\n"];
    let files = texts.map(|text| Sourced::read(text).unwrap());
    let value = Sourced::value_after(&files, "X").unwrap();
    assert_eq!(value.as_deref(), Some("a b bc"));
    assert_eq!(value, shells(&texts.concat()));
    assert_eq!(Sourced::value_after(&files, "Z").unwrap(), None);
}

#[test]
fn says_what_only_a_shell_can_tell() {
    for (text, line, reason) in [
        ("\nX=$(date)\n", 2, "a command stands in it"),
        ("X=`date`\n", 1, "a command stands in it"),
        ("X=\"a $Y\"\n", 1, "a variable stands in it"),
        (
            "X=${Y:-a}\n",
            1,
            "more than a variable's name stands in its braces",
        ),
        ("X=$1\n", 1, "a parameter of the shell stands in it"),
        ("X=~/a\n", 1, "a home folder stands in it"),
        ("X=$'a'\n", 1, "shells differ in what a quote behind '$' is"),
        ("X=a\nX=\"b\n", 2, "its quote doesn't end"),
        ("X=`a\n", 1, "its backquote doesn't end"),
        ("X=$(a\n", 1, "its parentheses or braces don't end"),
        ("X=a\\", 1, "it ends in a backslash"),
        ("cat <<E\nX=a\nE\n", 1, "a here-document stands in it"),
        (
            "X=a\nif [ -e /b ]; then\nX=c\nfi\n",
            3,
            "a command or a condition stands there",
        ),
        (
            "[ -e /b ] && X=a\n",
            1,
            "a command or a condition stands there",
        ),
        (
            "[ -e /b ] &&\nX=a\n",
            2,
            "a command or a condition stands there",
        ),
        ("(X=a)\n", 1, "a command or a condition stands there"),
        ("X=a | cat\n", 1, "a command or a condition stands there"),
        (
            "f() {\nX=a\n}\n",
            2,
            "a command or a condition stands there",
        ),
        ("X=a true\n", 1, "a command or a condition stands there"),
        ("X=a\nunset X\n", 2, "a command or a condition stands there"),
        ("X=a\nX+=b\n", 2, "a command or a condition stands there"),
        (
            "X=a\n. /b\n",
            2,
            "a command stands there that may set anything",
        ),
    ] {
        let file = Sourced::read(text);
        let unclear = file.and_then(|file| file.value("X")).unwrap_err();
        assert_eq!((unclear.line, unclear.reason), (line, reason), "{text}");
        let file = Sourced::read(text);
        assert!(file.and_then(|file| file.with("X", "a")).is_err(), "{text}");
    }
}

#[test]
fn sets_a_value_and_leaves_the_rest() {
    for (text, expected) in [
        ("X=\"quiet\" # text\nY=a\n", "X=\"new\" # text\nY=a\n"),
        ("X='a'\nX=b; Y=c\n", "X='a'\nX=\"new\"; Y=c\n"),
        ("export X='a b' # X=c", "export X=\"new\" # X=c"),
        ("Y=a", "Y=a\nX=\"new\"\n"),
        ("", "X=\"new\"\n"),
    ] {
        let file = Sourced::read(text).unwrap();
        assert_eq!(file.with("X", "new").unwrap(), expected);
    }
    let odd = "a \"b\" $c `d` \\e 'f' #g";
    for text in ["X='a' # b\n", "X=\\\na\n", "Y=a\n"] {
        let new = Sourced::read(text).unwrap().with("X", odd).unwrap();
        assert_eq!(shells(&new).as_deref(), Some(odd), "{new}");
        let read = Sourced::read(&new).unwrap().value("X").unwrap();
        assert_eq!(read.as_deref(), Some(odd));
    }
}

#[test]
fn knows_what_a_file_may_set() {
    let sets = |text: &str| Sourced::read(text).unwrap().sets("X");
    assert!(sets("X=a\n") && sets("[ a ] && X=a\n") && sets(". /a\n"));
    assert!(!sets("XY=a\n# X=a\nY=X\n") && !sets("echo a\n"));
}
