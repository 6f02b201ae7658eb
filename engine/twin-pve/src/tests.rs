//! What is published is what handlers and the model go by.

use model::{
    declare::{Declaration, Format, Param},
    format, schema,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashSet};

use crate::{
    endpoints::{ENDPOINTS, api},
    published::{CALLS, LINES},
};

#[test]
fn nobody_edits_what_is_generated() {
    let (head, body) = LINES.split_once('\n').unwrap();
    let head: Value = serde_json::from_str(head).unwrap();
    assert_eq!(
        head["sha256"],
        hex::encode(Sha256::digest(body)),
        "calls.jsonl isn't what engine/twin-pve/api/generate wrote"
    );
    assert_eq!(head["calls"], CALLS.all().count());
}

#[test]
fn reads_every_line() {
    for call in CALLS.all() {
        let declaration = CALLS.read(call);
        let path = call
            .name
            .split('/')
            .filter_map(|part| part.strip_prefix('{'));
        for param in path.map(|part| part.trim_end_matches('}')) {
            assert!(declaration.params.contains_key(param), "{}", call.name);
        }
    }
}

#[test]
fn every_handler_answers_a_published_call_and_no_two_the_same() {
    let known: HashSet<_> = CALLS.all().map(|call| call.name).collect();
    let mut bound = HashSet::new();
    for endpoint in ENDPOINTS.iter().copied().flatten() {
        assert!(known.contains(endpoint.call), "{}", endpoint.call);
        assert!(bound.insert(endpoint.call), "{} twice", endpoint.call);
    }
}

/// Every parameter and property of one, with itself first.
fn all(param: &Param) -> Vec<&Param> {
    let properties = param.properties().into_iter().flat_map(|all| all.values());
    let within = properties.chain(param.items.as_deref()).flat_map(all);
    std::iter::once(param).chain(within).collect()
}

/// Every parameter of a declaration, also in property strings.
fn params(declaration: &Declaration) -> impl Iterator<Item = &Param> {
    let variants = declaration.variants.values().flatten();
    let params = declaration.params.iter().chain(variants);
    params.flat_map(|(_, param)| all(param))
}

#[test]
fn the_model_knows_every_format_of_what_is_modelled_and_every_pattern() {
    let mut mistakes = BTreeSet::new();
    for call in CALLS.all() {
        for param in params(CALLS.read(call)) {
            if let Some(Format::Named(format)) = &param.format
                && api().handler(call).is_some()
            {
                let item = format.trim_end_matches("-list").trim_end_matches("-opt");
                if !format::is_known(item) {
                    mistakes.insert(format!("{}: format {format}", call.name));
                }
            }
            if let Some(pattern) = &param.pattern
                && schema::compile(pattern).is_none()
            {
                mistakes.insert(format!("pattern {pattern}"));
            }
        }
    }
    assert_eq!(mistakes, BTreeSet::new());
}

#[test]
fn docs_may_say_what_the_api_takes() {
    use world::docs::{Schema, schema::Kind};
    let columns = [
        (
            "NETWORK",
            "Bonds",
            "mode",
            "POST /nodes/{node}/network",
            "bond_mode",
        ),
        (
            "NETWORK",
            "Bonds",
            "hash_policy",
            "POST /nodes/{node}/network",
            "bond_xmit_hash_policy",
        ),
        (
            "SOFTWARE",
            "Backup jobs",
            "mode",
            "POST /cluster/backup",
            "mode",
        ),
        ("SOFTWARE", "Storage", "type", "POST /storage", "type"),
    ];
    for (document, table, column, call, param) in columns {
        let taken = &CALLS.declaration(call).params[param].values;
        let table = Schema::builtin().table(document, table).unwrap();
        let Kind::OneOf(said) = &table.lines_of(column).next().unwrap().kind else {
            panic!("{column} of {} lists nothing", table.name);
        };
        let unknown: Vec<&String> = said.iter().filter(|own| !taken.contains(own)).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{}", table.name);
    }
}
