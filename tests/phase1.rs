//! Labs in which phase 1 runs, and what its events say.

use serde_json::{Value, json};

use crate::support::{Answer, Lab, repository};

/// Phase 1 on the twin.
pub(crate) const RUN: &[&str] = &["run", "runbooks/phase1.rhai", "--twin", "--json"];
/// Its plan on the twin.
pub(crate) const PLAN: &[&str] = &["plan", "runbooks/phase1.rhai", "--twin", "--json"];
/// Phase 1 through a served twin.
pub(crate) const RUN_VIA: &[&str] = &[
    "run",
    "runbooks/phase1.rhai",
    "--via",
    "serve.json",
    "--json",
];
/// Its plan through a served twin.
pub(crate) const PLAN_VIA: &[&str] = &[
    "plan",
    "runbooks/phase1.rhai",
    "--via",
    "serve.json",
    "--json",
];

/// The example lab with phase 1, on bare machines.
pub(crate) fn example() -> Lab {
    with_docs("docs")
}

/// A lab with the docs in a folder of the repository, and phase 1.
pub(crate) fn with_docs(folder: &str) -> Lab {
    let lab = Lab::small();
    std::fs::remove_file(lab.path("twin.rhai")).unwrap();
    let copy = |from: &str, to: &str| {
        let text = std::fs::read_to_string(repository().join(from)).unwrap();
        lab.write(to, &text);
    };
    for name in ["HARDWARE", "NETWORK", "SOFTWARE", "LINKS"] {
        copy(&format!("{folder}/{name}.md"), &format!("docs/{name}.md"));
    }
    copy("runbooks/phase1.rhai", "runbooks/phase1.rhai");
    lab
}

/// The changes of a plan or a run: which operation of which step changes what, and how. What bodies of `parallel`
/// do at the same time has no order, so each step's changes stand together.
pub(crate) fn changes(answer: &Answer) -> Vec<Value> {
    let mut changes: Vec<Value> = answer
        .json()
        .iter()
        .filter(|event| event["event"] == "intent")
        .map(|event| {
            let change = &event["change"];
            json!({
                "operation": event["operation"],
                "resource": change["resource"],
                "kind": change["kind"],
                "before": change["before"],
                "after": change["after"],
            })
        })
        .collect();
    let step = |change: &Value| change["operation"]["step"].as_str().unwrap().to_owned();
    let first: Vec<String> = changes.iter().map(step).collect();
    let parent = |step: &str| step.split('/').next().unwrap().to_owned();
    let place = |change: &Value| {
        let own = step(change);
        let begun = first.iter().position(|other| parent(other) == parent(&own));
        (begun, own)
    };
    changes.sort_by_cached_key(place);
    changes
}

/// The steps whose bodies ran, bodies of `parallel` left out, in order.
pub(crate) fn started(answer: &Answer) -> Vec<String> {
    let steps = answer.json();
    let started = steps
        .iter()
        .filter(|event| event["event"] == "step_started")
        .map(|event| event["step"].as_str().unwrap().to_owned());
    started.filter(|step| !step.contains('/')).collect()
}
