//! Walks every operator and function of an engine with an unknown and with a secret in each argument place.
//!
//! What comes out must be the unknown or the secret, a list or map that holds it, or the diagnostic.

use std::{any::TypeId, collections::BTreeSet};

use rhai::{Array, Blob, Dynamic, Engine, FLOAT, FnPtr, INT, ImmutableString, Map, Scope};
use world::{
    Origin, Secret,
    docs::Docs,
    units::{Bytes, Timespan},
};

use super::{Address, Hidden, InterfaceAddress, Network, Table, Unknown, as_diagnostic, operators};
use crate::{script::rewrite, value::tag::Tag};

/// What a script may always know: the type. Printing gives nothing back, and masks.
const ANSWER: &[&str] = &["type_of", "is_shared", "print", "debug"];

/// What a list or map that holds a hidden value may answer without it: its shape, or the other items.
const SHAPE: &[&str] = &[
    "chop",
    "clear",
    "contains",
    "drain",
    "extract",
    "get",
    "get$is_empty",
    "get$len",
    "get$tag",
    "index_of",
    "is_empty",
    "keys",
    "len",
    "remove",
    "retain",
    "set",
    "splice",
    "split",
    "tag",
    "truncate",
];

/// Operators that don't look at both sides.
const SHORT: &[&str] = &["??", "&&", "||"];

fn unknown() -> Dynamic {
    Dynamic::from(Unknown::new(Origin {
        step: "1".into(),
        what: "x".into(),
    }))
}

fn secret() -> Dynamic {
    Dynamic::from(Secret::new("S", "hunter2"))
}

/// A plain value of each type that functions take.
fn plain(engine: &Engine) -> Vec<(TypeId, Dynamic)> {
    fn of<T: Clone + Send + Sync + 'static>(value: T) -> (TypeId, Dynamic) {
        (TypeId::of::<T>(), Dynamic::from(value))
    }
    let table = Docs::parse(
        "A",
        "## B\n| name | role |\n|---|---|\n| x | y |\n| z | w |\n",
    )
    .unwrap();
    let table = Table::from(table.table("A", "B").unwrap().clone());
    let row = table.row(0).unwrap();
    let net = "10.0.0.0/24".parse().unwrap();
    let text: ImmutableString = "abc".into();
    // Of the size that the lists and maps with a hidden value have, so that items are compared.
    let map: Map = [("a".into(), Dynamic::ONE)].into_iter().collect();
    let list: Array = vec![1.into()];
    let identity: FnPtr = engine.eval("|x| x").unwrap();
    vec![
        (TypeId::of::<ImmutableString>(), text.into()),
        (TypeId::of::<Array>(), list.into()),
        (TypeId::of::<Map>(), map.into()),
        (
            TypeId::of::<Blob>(),
            Dynamic::from_blob(vec![1, 2, 3, 4, 5, 6, 7, 8]),
        ),
        (TypeId::of::<Dynamic>(), Dynamic::ONE),
        (TypeId::of::<()>(), Dynamic::UNIT),
        of::<INT>(0),
        of::<FLOAT>(1.5),
        of(true),
        of('a'),
        of(identity),
        of(0_i64..2),
        of(0_i64..=2),
        of(1_i8),
        of(1_i16),
        of(1_i32),
        of(1_i128),
        of(1_u8),
        of(1_u16),
        of(1_u32),
        of(1_u64),
        of(1_u128),
        of(1_f32),
        of(rhai::Instant::now()),
        of(Bytes(1)),
        of(Timespan(std::time::Duration::from_secs(1))),
        of(Address("10.0.0.1".parse().unwrap())),
        of(InterfaceAddress(net)),
        of(Network(net)),
        of(table),
        of(row),
    ]
}

/// The script that calls a function with the variables `p0`, `p1` …, and gives its result and `p0` after it.
fn script(name: &str, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|place| format!("p{place}")).collect();
    let is_word = name.starts_with(|c: char| c.is_alphabetic());
    let call = match (name.split_once('$'), count) {
        (Some(("get", property)), _) => format!("p0.{property}"),
        (Some(("set", property)), _) => format!("{{ p0.{property} = p1; }}"),
        (Some(("index", "get$")), _) => "p0[p1]".to_owned(),
        (Some(("index", "set$")), _) => "{ p0[p1] = p2; }".to_owned(),
        (None, 1) if !is_word => format!("{name}p0"),
        (None, 2)
            if !is_word
                && name.ends_with('=')
                && !["==", "!=", "<=", ">=", "..="].contains(&name) =>
        {
            format!("{{ p0 {name} p1; }}")
        }
        (None, 2) if !is_word => format!("p0 {name} p1"),
        _ => format!("{name}({})", names.join(", ")),
    };
    if count == 0 {
        call
    } else {
        format!("let result = {call}; [result, p0]")
    }
}

struct Walk {
    engine: Engine,
    tag: Tag,
    plain: Vec<(TypeId, Dynamic)>,
    cases: usize,
    wrong: BTreeSet<String>,
}

impl Walk {
    fn new() -> Self {
        let (mut engine, tag) = rewrite::engine();
        engine.on_print(|text| assert!(!text.contains("hunter2")));
        engine.on_debug(|text, _, _| assert!(!text.contains("hunter2")));
        let plain = plain(&engine);
        Self {
            engine,
            tag,
            plain,
            cases: 0,
            wrong: BTreeSet::new(),
        }
    }

    fn value(&self, name: &str, wanted: TypeId) -> Dynamic {
        // Of two maps with the same key, one value is given up.
        if ["+", "+=", "fill_with", "mixin"].contains(&name) && wanted == TypeId::of::<Map>() {
            return [("b".into(), Dynamic::ONE)]
                .into_iter()
                .collect::<Map>()
                .into();
        }
        if name == "pad" && wanted == TypeId::of::<INT>() {
            return 9.into();
        }
        let found = self.plain.iter().find(|(own, _)| *own == wanted);
        found.map_or(Dynamic::UNIT, |(_, value)| value.clone())
    }

    /// Calls `name` with `hidden` at each place in turn, bare and inside a list or map where one fits.
    fn signature(&mut self, name: &str, types: &[TypeId]) {
        let source = script(name, types.len());
        let ast = match self.engine.compile(&source) {
            Ok(ast) => rewrite::rewrite(&ast),
            Err(error) => panic!("{source}: {error}"),
        };
        for place in 0..types.len() {
            for hidden in [unknown(), secret()] {
                self.case((name, &ast), types, place, hidden.clone());
                let any = types[place] == TypeId::of::<Dynamic>();
                if any || types[place] == TypeId::of::<Array>() {
                    self.case(
                        (name, &ast),
                        types,
                        place,
                        Dynamic::from_array(vec![hidden.clone()]),
                    );
                }
                if any || types[place] == TypeId::of::<Map>() {
                    let map: Map = [("a".into(), hidden)].into_iter().collect();
                    self.case((name, &ast), types, place, map.into());
                }
            }
        }
    }

    fn case(
        &mut self,
        (name, ast): (&str, &rhai::AST),
        types: &[TypeId],
        place: usize,
        hidden: Dynamic,
    ) {
        let is_bare = Hidden::of(&hidden).is_some();
        let mut scope = Scope::new();
        let mut shown = Vec::new();
        for (at, wanted) in types.iter().enumerate() {
            let value = if at == place {
                hidden.clone()
            } else {
                self.value(name, *wanted)
            };
            shown.push(self.engine.map_type_name(value.type_name()).to_owned());
            scope.push_dynamic(format!("p{at}"), value);
        }
        self.cases += 1;
        let result = self.engine.eval_ast_with_scope::<Dynamic>(&mut scope, ast);
        let poison = self.tag.poison.take();
        let is_right = poison.is_some()
            || match &result {
                // A list that is refused as a list says nothing about what it holds.
                Err(error) => !is_bare || as_diagnostic(error).is_some(),
                // `exit` ends the script with its argument, with or without a pair around it.
                Ok(value) if name == "exit" => Hidden::within(value).is_some(),
                Ok(pair) => {
                    let pair = pair.read_lock::<Array>().unwrap();
                    let kept = place != 0 || !is_bare || name == "+=";
                    Hidden::within(&pair[0]).is_some()
                        || (pair[0].is_unit() && kept && Hidden::within(&pair[1]).is_some())
                        || ANSWER.contains(&name)
                        || (!is_bare && SHAPE.contains(&name))
                }
            };
        if !is_right {
            self.wrong
                .insert(format!("{name}({}): {result:?}", shown.join(", ")));
        }
    }
}

/// Name and parameter types of every function that is called without a namespace.
fn signatures() -> BTreeSet<(String, Vec<TypeId>)> {
    let mut engine = Engine::new();
    super::register(&mut engine);
    let all = engine.collect_fn_metadata(
        None,
        |info| {
            Some((
                info.metadata.name.to_string(),
                info.metadata.param_types.to_vec(),
            ))
        },
        true,
    );
    let own = [
        "known$",
        "settled$",
        "each$",
        "plain$",
        "added$",
        "caught$",
        "interpolate$",
    ];
    let hidden = [TypeId::of::<Unknown>(), TypeId::of::<Secret>()];
    let is_other = |(name, types): &(String, Vec<TypeId>)| {
        !own.contains(&name.as_str()) && !types.iter().any(|one| hidden.contains(one))
    };
    all.into_iter().filter(is_other).collect()
}

#[test]
fn no_function_takes_an_unknown_or_a_secret_for_a_plain_value() {
    let mut walk = Walk::new();
    for (name, types) in signatures() {
        if !SHORT.contains(&name.as_str()) {
            walk.signature(&name, &types);
        }
    }
    let wrong: Vec<&String> = walk.wrong.iter().collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{wrong:#?}",
        wrong.len(),
        walk.cases
    );
    assert!(walk.cases > 3000, "only {} cases", walk.cases);
}

#[test]
fn no_operator_takes_an_unknown_or_a_secret_for_a_plain_value() {
    let mut walk = Walk::new();
    let types: Vec<TypeId> = walk.plain.iter().map(|(own, _)| *own).collect();
    let hidden = [TypeId::of::<Unknown>(), TypeId::of::<Secret>()];
    walk.plain
        .extend([(hidden[0], unknown()), (hidden[1], secret())]);
    let binary = operators::BINARY
        .iter()
        .chain(operators::ASSIGNMENTS)
        .chain(&["+", "+=", "in", "!in"]);
    for operator in binary.filter(|operator| !SHORT.contains(*operator)) {
        for other in types.iter().chain(&hidden) {
            for pair in [
                [TypeId::of::<Dynamic>(), *other],
                [*other, TypeId::of::<Dynamic>()],
            ] {
                let place = usize::from(pair[0] == *other);
                let ast = walk
                    .engine
                    .compile(script(operator, 2).replace("in(p0, p1)", "(p0 in p1)"))
                    .unwrap();
                let ast = rewrite::rewrite(&ast);
                for hidden in [unknown(), secret()] {
                    walk.case((operator, &ast), &pair, place, hidden);
                }
            }
        }
    }
    for operator in operators::UNARY {
        walk.signature(operator, &[TypeId::of::<Dynamic>()]);
    }
    // Those that look at their right side only if the left one doesn't decide.
    struct No;
    let no = TypeId::of::<No>();
    walk.plain.push((no, false.into()));
    for (operator, left) in SHORT
        .iter()
        .zip([TypeId::of::<()>(), TypeId::of::<bool>(), no])
    {
        let ast = rewrite::rewrite(&walk.engine.compile(script(operator, 2)).unwrap());
        for hidden in [unknown(), secret()] {
            walk.case((operator, &ast), &[left, left], 0, hidden.clone());
            walk.case((operator, &ast), &[left, left], 1, hidden);
        }
    }
    let wrong: Vec<&String> = walk.wrong.iter().collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{wrong:#?}",
        wrong.len(),
        walk.cases
    );
    assert!(walk.cases > 4000, "only {} cases", walk.cases);
}

#[test]
fn no_keyword_takes_an_unknown_or_a_secret_for_a_plain_value() {
    let mut walk = Walk::new();
    let any = TypeId::of::<Dynamic>();
    for (name, count) in [
        ("Fn", 1),
        ("call", 1),
        ("call", 2),
        ("curry", 2),
        ("is_def_var", 1),
        ("is_def_fn", 2),
        ("is_def_fn", 3),
        ("type_of", 1),
        ("is_shared", 1),
        ("print", 1),
        ("debug", 1),
        ("to_string", 1),
        ("to_debug", 1),
        ("eval", 1),
    ] {
        let types = vec![any; count];
        let ast = rewrite::rewrite(&walk.engine.compile(script(name, count)).unwrap());
        for hidden in [unknown(), secret()] {
            walk.case((name, &ast), &types, 0, hidden);
        }
    }
    let wrong: Vec<&String> = walk.wrong.iter().collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(walk.cases, 28);
}
