//! Every script function has an example in its doc comment; each runs on the twin, and a second time changes nothing.

use crate::lab::{Lab, changes, trouble};
use serde_json::Value;

/// A function that scripts can call, with its example.
struct Documented {
    name: String,
    comment: String,
}

impl Documented {
    fn example(&self) -> String {
        let (_, rest) = self
            .comment
            .split_once("```rhai\n")
            .unwrap_or_else(|| panic!("{} has no example", self.name));
        rest.split("```").next().unwrap().to_owned()
    }
}

/// The functions of the operations' namespaces.
fn documented() -> Vec<Documented> {
    fn collect(module: &Value, namespace: &str, found: &mut Vec<Documented>) {
        for function in module["functions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|_| !namespace.is_empty())
        {
            let lines = function["docComments"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let lines: Vec<String> = lines.flat_map(str::lines).map(clean).collect();
            found.push(Documented {
                name: format!("{namespace}{}", function["name"].as_str().unwrap()),
                comment: lines.join("\n"),
            });
        }
        for (name, inner) in module["modules"].as_object().into_iter().flatten() {
            collect(inner, &format!("{namespace}{name}::"), found);
        }
    }
    let json = crate::lab::engine().gen_fn_metadata_to_json(false).unwrap();
    let mut found = Vec::new();
    collect(&serde_json::from_str(&json).unwrap(), "", &mut found);
    found.retain(|function| {
        let namespace = function.name.split("::").next().unwrap_or_default();
        matches!(namespace, "proxmox" | "envrc" | "host")
    });
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn clean(line: &str) -> String {
    let line = line.trim_start();
    let line = line.strip_prefix("///").unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line).to_owned()
}

/// Whether a function declares something, and is no operation.
fn is_declaration(name: &str) -> bool {
    name.ends_with("::connect")
}

#[test]
fn the_list_of_operations_is_complete() {
    let mut functions: Vec<String> = documented()
        .into_iter()
        .map(|function| function.name)
        .collect();
    functions.retain(|name| !is_declaration(name));
    let mut listed: Vec<String> = homelab_ops::operations()
        .iter()
        .map(|info| info.name.to_owned())
        .collect();
    listed.sort();
    assert_eq!(functions, listed);
}

#[test]
fn every_schema_has_documented_fields() {
    for info in homelab_ops::operations() {
        let schema = (info.schema)().to_value();
        // What isn't refused where it's decoded is never said to be misspelt.
        assert_eq!(schema["additionalProperties"], false, "{}", info.name);
        let fields = schema["properties"].as_object().unwrap();
        for (name, field) in fields {
            assert!(
                field["description"].is_string(),
                "{}: {name} has no description: {field}",
                info.name
            );
        }
        for name in info.positional {
            assert!(fields.contains_key(*name), "{}: {name}", info.name);
        }
    }
}

const HEAD: &str = r#"runbook("example", "1.0.0");
proxmox::connect(#{ nodes: facts::table("HARDWARE", "Nodes"), user: "root@pam", password: secret("PROXMOX_PASSWORD") });
host::connect(#{ hosts: facts::table("HARDWARE", "Nodes"), user: "root" });
"#;

#[test]
fn examples_run_on_the_twin_and_change_nothing_twice() {
    let mut failed = Vec::new();
    for function in documented()
        .iter()
        .filter(|function| !is_declaration(&function.name))
    {
        let source = format!(
            "{HEAD}step(\"example\", \"Example\", || {{\n{}\n}});\n",
            function.example()
        );
        let lab = match function.name.as_str() {
            "proxmox::node::install" => Lab::bare("."),
            _ => Lab::open("."),
        };
        let first = lab.run(&source);
        if let Some(trouble) = trouble(&first) {
            failed.push(format!("{}: {trouble}", function.name));
            continue;
        }
        let is_read = homelab_ops::operation(&function.name)
            .is_some_and(|info| info.effect == homelab_ops::Effect::Read);
        if changes(&first.unwrap()).is_empty() && !is_read {
            failed.push(format!("{}: its example changes nothing", function.name));
        }
        let second = lab.run(&source);
        match trouble(&second) {
            Some(trouble) => failed.push(format!("{}, again: {trouble}", function.name)),
            None if changes(second.as_ref().unwrap()).is_empty() => {}
            None => failed.push(format!(
                "{}, again: {:?}",
                function.name,
                changes(&second.unwrap())
            )),
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_plan_of_an_example_on_hosts_is_what_its_run_does() {
    let mut differ = Vec::new();
    for function in documented() {
        // What a command of the lab does is known to nobody but its author, what fio measures to nobody before.
        let is_opaque = matches!(function.name.as_str(), "host::command" | "host::fio");
        if is_declaration(&function.name) || is_opaque || !function.name.starts_with("host::") {
            continue;
        }
        // Nobody logs in to an API: the hosts' own answers have to do.
        let head = HEAD.lines().filter(|line| !line.starts_with("proxmox::"));
        let head = head.collect::<Vec<_>>().join("\n");
        let source = format!(
            "{head}\nstep(\"example\", \"Example\", || {{\n{}\n}});\n",
            function.example()
        );
        let lab = Lab::open(".");
        let plan = lab.plan(&source);
        if let Some(trouble) = trouble(&plan) {
            differ.push(format!("{}: {trouble}", function.name));
            continue;
        }
        let planned = changes(&plan.unwrap());
        let done = changes(&lab.run(&source).unwrap());
        if planned != done {
            differ.push(format!("{}: {planned:#?} {done:#?}", function.name));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
