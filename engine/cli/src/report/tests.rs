//! A plan as people see it, from its events.

use runbook::{
    action::{Action, Change, Proof, ToNode},
    event::{Event, Finished},
    failure::Failure,
    journal::{
        Entry, IntentId, OperationKey, RunId, Selection, Status, StepPath, Steps, Stored,
        entry::{Intent, RunStarted, StepStarted, StepUnknown, Unclear},
    },
};
use serde_json::json;
use world::{
    Confidence, Origin,
    clock::Moment,
    code,
    proxmox::{Identity, Request},
};

use super::text::Text;

fn recorded(entry: impl Into<Entry>) -> Event {
    Event::Recorded {
        run: RunId(-1),
        stored: Stored {
            at: Moment(0),
            entry: entry.into(),
            sealed: None,
        },
    }
}

fn operation(step: &str) -> OperationKey {
    OperationKey {
        step: StepPath(step.to_owned()),
        function: "proxmox::storage::ensure".to_owned(),
        resource: "storage nas".to_owned(),
        nth: 0,
    }
}

fn intent(step: &str, change: Change, confidence: Confidence) -> Event {
    recorded(Intent {
        intent: IntentId(1),
        operation: operation(step),
        action: Box::new(Action::Proxmox(ToNode {
            node: "pve1".to_owned(),
            identity: Identity::Root,
            request: Request::get("/storage"),
        })),
        proof: Box::new(Proof::Repeatable),
        change,
        confidence,
    })
}

fn started(step: &str) -> Event {
    recorded(StepStarted {
        step: StepPath(step.to_owned()),
        title: "Storage".to_owned(),
        group: Some("1.4".to_owned()),
        attempt: 1,
    })
}

fn events() -> Vec<Event> {
    let origin = Origin {
        step: "a".to_owned(),
        what: "the output of lspci".to_owned(),
    };
    vec![
        recorded(RunStarted {
            runbook: "phase1".to_owned(),
            version: "1.0.0".to_owned(),
            file: "runbooks/phase1.rhai".to_owned(),
            sources: std::collections::BTreeMap::new(),
            continued: false,
            steps: None,
            began: None,
            world: "plan: twin".to_owned(),
            selection: Selection::default(),
            plan: None,
        }),
        started("a"),
        intent(
            "a",
            Change::create(
                "storage nas",
                json!({"type": "nfs", "content": ["iso", "backup"]}),
            ),
            Confidence::Read,
        ),
        intent(
            "a/pve1",
            Change::update(
                "storage nas",
                json!({"nodes": "pve1"}),
                json!({"nodes": "pve1,pve2"}),
            ),
            Confidence::Predicted,
        ),
        recorded(Unclear {
            operation: operation("a"),
            confidence: Confidence::Unknown(origin),
        }),
        started("b"),
        recorded(StepUnknown {
            step: StepPath("b".to_owned()),
            title: "Storage".to_owned(),
            failure: Box::new(Failure::new(
                code::runbook::unknown,
                "the output of lspci isn't known yet",
            )),
        }),
        Event::Finished(Finished {
            run: RunId(-1),
            status: Status::Planned,
            steps: Steps::default(),
            changes: 3,
            as_planned: None,
            failure: None,
            at: Moment(0),
        }),
    ]
}

#[test]
fn a_plan_shows_each_change_with_its_fields_and_how_sure_it_is() {
    let mut text = Text::default();
    let lines: Vec<String> = events()
        .iter()
        .flat_map(|event| text.lines(event))
        .collect();
    let expected = "\
Plan of phase1 1.0.0 on twin
1.4
a  Storage
  + storage nas (read)
      type: nfs
      content: iso, backup
  [pve1] ~ storage nas (predicted)
  [pve1]     nodes: pve1 -> pve1,pve2
  ? proxmox::storage::ensure storage nas (unknown until a)
b  Storage
  unknown: the output of lspci isn't known yet
Plan: 3 changes in 1 step (1 read, 1 predicted, 1 unknown)
  by kind: 1 to create, 1 to change
  by node: pve1 2
  + to create, ~ to change; read: seen on the lab; predicted: as the steps before leave it; unknown: a run has to find out
1 step can't be planned to the end: b";
    assert_eq!(lines.join("\n"), expected);
}
