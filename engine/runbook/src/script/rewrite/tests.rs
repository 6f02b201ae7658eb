//! Where an unknown or a secret flows on, and where it stops the script.

use rhai::{Dynamic, EvalAltResult, Scope};
use world::{Origin, Secret};

use super::{engine, rewrite};
use crate::value::{Diagnostic, Unknown, as_diagnostic};

type Outcome = (Result<Dynamic, Box<EvalAltResult>>, Option<Diagnostic>);

/// Runs a script with an unknown `u` and a secret `s`; gives its result and the poison it left.
fn outcome(script: &str) -> Outcome {
    let (engine, tag) = engine();
    let mut scope = Scope::new();
    scope.push(
        "u",
        Unknown::new(Origin {
            step: "1".into(),
            what: "x".into(),
        }),
    );
    scope.push("s", Secret::new("S", "hunter2"));
    scope.push("n", 3_i64);
    let ast = rewrite(&engine.compile(script).unwrap());
    (
        engine.eval_ast_with_scope(&mut scope, &ast),
        tag.poison.take(),
    )
}

/// Scripts without unknowns and secrets, and the text that they give.
const PLAIN: &[(&str, &str)] = &[
    ("`a${n}b${[1, `x`]}${'c'}${1.5}${()}`", "a3b[1, \"x\"]c1.5"),
    (
        "fn f(x) { if x > 2 { return `${x}!`; } `small` } f(n) + f(1)",
        "3!small",
    ),
    ("let t = ``; for i in 0..n { t += `${i}`; } t", "012"),
    (
        "let t = ``; for (i, k) in [`a`, `b`] { t += `${i}${k}`; } t",
        "a0b1",
    ),
    ("let l = [1, 2, 3].map(|x| `${x + n}`); l[2]", "6"),
    (
        "[1, `x`, 'c', [2]].join(`, `) + [].join(`-`) + [n].join(`-`)",
        "1, x, c, [2]3",
    ),
    (
        "let x = 1; let f = || { x += 1; `${x}` }; f.call(); f.call()",
        "3",
    ),
    (
        "switch n { 1 => `one`, 3 if n > 2 => `three`, _ => `many` }",
        "three",
    ),
    ("switch n { 0..5 => `few`, _ => `many` }", "few"),
    (
        "let i = 0; while i < 3 { i += 1; } do { i += 1; } until i > 9; `${i}`",
        "10",
    ),
    (
        "let i = 0; loop { i += 1; if i == 4 { break `${i}`; } }",
        "4",
    ),
    ("let a = (); `${a ?? n} ${a?.b ?? 1}`", "3 1"),
    ("if true && n == 3 || false { `yes` } else { `no` }", "yes"),
    (
        "let m = #{ a: [#{ b: `x` }] }; m.a[n - 3].b + m[`a`][0][`b`]",
        "xx",
    ),
    (
        "let m = #{ a: 1 }; m.a += 1; m[`c`] = [1]; m.c[0] = 5; `${m.a}${m.c[0]}`",
        "25",
    ),
    (
        "try { throw `oops` } catch (e) { `caught ${e}` }; `after`",
        "after",
    ),
    (
        "let r = 0; try { [1][7] } catch { let q = n; r = q + n; } `${r}`",
        "6",
    ),
    (
        "let r = 0; try { 1 / 0 } catch (e) { r = e.error; } r",
        "ErrorArithmetic",
    ),
    (
        "let r = 0; try { throw 1 } catch { let f = |x| x + n; r = f.call(1); } `${r}`",
        "4",
    ),
    ("fn add(a) { this += a; } let x = 1; x.add(2); `${x}`", "3"),
    (
        "let f = Fn(`g`); fn g(a) { a * 2 } `${f.call(4)} ${call(f, 5)} ${is_def_fn(`g`, 1)}`",
        "8 10 true",
    ),
    ("fn int.twice() { this * 2 } `${n.twice()}`", "6"),
    ("const A = 5; fn c() { `${global::A}` } c()", "5"),
    (
        "`${[3, 1, 2].order(|a, b| a - b)} ${[1, 1, 2].filter(|x| x > 1)} ${[1].find(|x| x > 3)}`",
        "[1, 2, 3] [2] ",
    ),
    (
        "`${[4, 5].index_of(|x| x == 5)} ${[1, 2].all(|x, i| x == i + 1)} ${[7].some(|| this == 7)}`",
        "1 true true",
    ),
    (
        "let l = [1, 2, 3]; l.retain(|x| x > 1); l.drain(|x| x == 3); `${l}`",
        "[2]",
    ),
    ("`${#{ a: 1, b: 2 }.filter(|k, v| v > 1)}`", "#{\"b\": 2}"),
    ("`${type_of(u)} ${type_of(s)}`", "Unknown Secret"),
];

#[test]
fn plain_scripts_do_what_they_did() {
    for (script, expected) in PLAIN {
        let (result, poison) = outcome(script);
        assert!(poison.is_none(), "{script}: {poison:?}");
        let value = result.unwrap_or_else(|error| panic!("{script}: {error}"));
        assert_eq!(value.into_string().unwrap(), *expected, "{script}");
    }
}

#[test]
fn an_unknown_flows_through_text_properties_and_lists() {
    let scripts = [
        "`a${u}b`",
        "`a${[1, #{ x: u }]}b`",
        "\"a\" + u",
        "u + \"a\"",
        "'c' + u",
        "u + [1]",
        "[1] + u",
        "let t = `a`; t += u; t",
        "let l = [1]; l.push(u); l[1]",
        "u.name",
        "u.a.b[0].c",
        "u[`key`]",
        "u?.name",
        "`${u} and ${s}`",
        "s + u",
        "fn f(x) { `<${x}>` } f(u)",
        "(|x| `<${x}>`).call(u)",
        "let f = || `<${u}>`; f.call()",
        "[u].map(|x| x + `a`)[0]",
        "let m = #{ a: u }; m.a",
        "() ?? u",
        "u.to_string()",
        "[1, u].join(`-`)",
        "if n == 3 { u } else { 1 }",
        "switch n { 3 => u, _ => 1 }",
        "try { u } catch { 1 } u",
        "[1, 2].reduce(|a, b| a + `x`, u)",
        "[1, 2, u].find_map(|x| if type_of(x) == \"Unknown\" { x })",
    ];
    for script in scripts {
        let (result, poison) = outcome(script);
        let value = result.unwrap_or_else(|error| panic!("{script}: {error}"));
        assert!(
            value.is::<Unknown>() && poison.is_none(),
            "{script}: {value:?} {poison:?}"
        );
    }
}

#[test]
fn a_secret_flows_through_text_only() {
    let cases = [
        ("`a${s}b`", "ahunter2b"),
        ("\"a\" + s", "ahunter2"),
        ("s + \"a\" + 1", "hunter2a1"),
        ("1 + s", "1hunter2"),
        ("s + s", "hunter2hunter2"),
        ("let t = `a`; t += s; t", "ahunter2"),
        ("let l = [1]; l += s; l[1]", "hunter2"),
        ("s ?? `x`", "hunter2"),
        ("[1, s, `a`].join(`-`)", "1-hunter2-a"),
        ("s.to_string()", "hunter2"),
        ("fn f(x) { `<${x}>` } f(s)", "<hunter2>"),
    ];
    for (script, expected) in cases {
        let (result, poison) = outcome(script);
        let value = result.unwrap_or_else(|error| panic!("{script}: {error}"));
        let secret = value
            .try_cast::<Secret>()
            .unwrap_or_else(|| panic!("{script} gives no secret"));
        assert_eq!(secret.expose(), expected, "{script}");
        assert!(poison.is_none(), "{script}");
    }
}

/// Each decides by `X`, or computes with it.
const DECIDING: &[&str] = &[
    "if X { 1 }",
    "if !X { 1 }",
    "if X == 1 { 1 }",
    "if 1 != X { 1 }",
    "if n == 3 && X { 1 }",
    "X && true",
    "false || X",
    "while X { }",
    "do { } while X",
    "do { } until X",
    "for x in X { }",
    "for x in X.rows { }",
    "switch X { 1 => 2, _ => 3 }",
    "switch [X] { _ => 3 }",
    "switch n { 3 if X => 2, _ => 3 }",
    "[1, 2][X]",
    "#{ a: 1 }[X]",
    "`abc`[X]",
    "let m = #{ a: [1] }; m.a[X]",
    "let l = [1]; l[X] = 2",
    "X in [1, 2]",
    "X in []",
    "1 in [X]",
    "1 in X",
    "[X].contains(1)",
    "[1, X].dedup()",
    "[1, X].index_of(2)",
    "[X, 1].sort(|a, b| a - b)",
    "[X] == [1]",
    "#{ a: X } == #{ a: 1 }",
    "[1].filter(|x| X)",
    "[1].find(|x| X)",
    "[1].all(|x| X)",
    "[1].some(|x| X)",
    "#{ a: 1 }.filter(|k, v| X)",
    "[2, 1].sort(|a, b| X)",
    "[X].to_string()",
    "#{ a: X }.to_json()",
    "`a` + [X]",
    "X * 2",
    "-X",
    "X.len()",
    "len(X)",
    "abs(X)",
    "parse_int(X)",
    "X.contains(`a`)",
    "`abc`.contains(X)",
    "`abc`.replace(`a`, X)",
    "sleep(X)",
    "0..X",
    "Fn(X)",
    "is_def_var(X)",
    "X.a = 1",
    "let y = 1; y -= X",
    "let y = X; y *= 2",
    "decided(X)",
    "[1].map(|x| if X { 1 })",
    "let f = || X == 1; f.call()",
];

#[test]
fn deciding_by_an_unknown_or_a_secret_stops_even_where_errors_are_caught() {
    for name in ["u", "s"] {
        for script in DECIDING {
            let script = script.replace('X', name);
            for (before, after) in [
                ("", ""),
                ("try {", "} catch { }; 1"),
                ("try {", "} catch (e) { }; 1"),
            ] {
                let script = format!("fn decided(x) {{ if x {{ 1 }} }} {before} {script} {after}");
                let (result, poison) = outcome(&script);
                let found = match &result {
                    Ok(_) => poison,
                    Err(error) => as_diagnostic(error),
                };
                assert!(found.is_some(), "{script}: {result:?}");
            }
        }
    }
    for script in [
        "u ?? 1",
        "u + 1",
        "1 + u",
        "u + ()",
        "let l = [1]; l += u",
        "let m = #{ l: [] }; m.l += u",
    ] {
        assert!(outcome(script).1.is_some(), "{script}");
    }
}

#[test]
fn errors_still_point_at_their_place() {
    let cases = [
        ("let a = 1;\nif u { 1 }", (2, 4)),
        ("let a = 1;\nlet b = `x${u == 1}`;", (2, 15)),
        ("fn f(x) {\n  if x > 1 { 1 }\n}\nf(u)", (2, 8)),
        ("[1].map(|x| {\n  len(u)\n});", (2, 3)),
        ("for x in u { }", (1, 10)),
    ];
    for (script, place) in cases {
        let diagnostic = outcome(script).1.unwrap();
        let found = (
            diagnostic.position.line().unwrap(),
            diagnostic.position.position().unwrap(),
        );
        assert_eq!(found, place, "{script}: {diagnostic}");
    }
    let (result, _) = outcome("fn f(x) {\n  `${x.missing()}`\n}\nf(1)");
    let error = result.unwrap_err();
    let mut inner = &*error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, cause, _) = inner {
        inner = cause;
    }
    assert_eq!(
        (inner.position().line(), inner.position().position()),
        (Some(2), Some(8))
    );
}

#[test]
fn printing_masks() {
    let (mut engine, tag) = engine();
    let printed = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = std::sync::Arc::clone(&printed);
    engine.on_print(move |text| sink.lock().unwrap().push(text.to_owned()));
    let mut scope = Scope::new();
    scope.push("s", Secret::new("S", "hunter2"));
    scope.push(
        "u",
        Unknown::new(Origin {
            step: "1".into(),
            what: "x".into(),
        }),
    );
    let ast = rewrite(
        &engine
            .compile("print(s); print(u); print([s, #{ a: s }]); print(`p=${s}`); print(1.5)")
            .unwrap(),
    );
    engine.eval_ast_with_scope::<()>(&mut scope, &ast).unwrap();
    assert_eq!(
        *printed.lock().unwrap(),
        [
            "***",
            "(unknown: x, known after step 1)",
            "[***, #{\"a\": ***}]",
            "***",
            "1.5"
        ]
    );
    assert!(tag.poison.get().is_none());
}
