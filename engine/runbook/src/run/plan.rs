//! A plan: the changes that a run would make, in order; and a run that keeps to one.

use serde_json::Value;
use world::{Confidence, WorldId, code};

use crate::{
    failure::{Class, Failure},
    journal::{
        Entry, OperationKey, PLAN_FORMAT, Plan, Planned, Stored,
        action::{Action, Change},
    },
};

/// The plan that a preview's entries amount to.
#[must_use]
pub(crate) fn of(world: WorldId, entries: &[Stored]) -> Plan {
    let mut plan = Plan {
        format: PLAN_FORMAT,
        world,
        runbook: String::new(),
        version: String::new(),
        changes: Vec::new(),
    };
    for stored in entries {
        match &stored.entry {
            Entry::RunStarted(started) => {
                plan.runbook.clone_from(&started.runbook);
                plan.version.clone_from(&started.version);
            }
            Entry::Intent(intent) => plan.changes.push(Planned {
                operation: intent.operation.clone(),
                action: Some((*intent.action).clone()),
                change: Some(intent.change.clone()),
                confidence: intent.confidence.clone(),
                sealed: stored.sealed.clone(),
            }),
            Entry::Unclear(unclear) => plan.changes.push(Planned {
                operation: unclear.operation.clone(),
                action: None,
                change: None,
                confidence: unclear.confidence.clone(),
                sealed: None,
            }),
            _ => {}
        }
    }
    plan
}

/// What a plan contains and hasn't happened yet.
pub(crate) struct Expected {
    left: Vec<Planned>,
    pub(crate) kept: u64,
}

impl Expected {
    /// # Errors
    /// What the plan masks was sealed with the key of another journal, so that nothing can be compared with it.
    pub(crate) fn new(plan: Plan, key: &[u8]) -> Result<Self, Failure> {
        let opened = plan.changes.into_iter().map(|planned| opened(planned, key));
        let left = opened.collect::<Option<_>>().ok_or_else(sealed_elsewhere)?;
        Ok(Self { left, kept: 0 })
    }

    /// Takes the planned change that fits, or says why the run must stop here.
    pub(crate) fn take(
        &mut self,
        key: &OperationKey,
        action: &Action,
        change: &Change,
    ) -> Result<(), Failure> {
        let same = |planned: &Planned| planned.operation == *key;
        let Some(at) = self
            .left
            .iter()
            .position(|planned| same(planned) && fits(planned, action, change))
        else {
            let near = self.left.iter().find(|planned| same(planned));
            return Err(differs(key, change, near));
        };
        // An operation whose arguments weren't known yet may act any number of times.
        if self.left[at].action.is_some() {
            self.left.remove(at);
        }
        self.kept += 1;
        Ok(())
    }
}

/// A planned change as it was before its secrets were masked; nothing if it was sealed with another key.
fn opened(mut planned: Planned, key: &[u8]) -> Option<Planned> {
    let Some(sealed) = planned.sealed.take() else {
        return Some(planned);
    };
    let Entry::Intent(intent) = serde_json::from_slice(&sealed.open(key)?).ok()? else {
        return None;
    };
    planned.action = Some(*intent.action);
    planned.change = Some(intent.change);
    Some(planned)
}

fn sealed_elsewhere() -> Failure {
    let text = "the plan masks a secret, and was made with another journal, whose key is needed to compare it";
    Failure::new(code::run::wrong_plan, text)
        .class(Class::Refused)
        .help("make the plan in this lab's folder: `homelab plan --out FILE`")
}

fn fits(planned: &Planned, action: &Action, change: &Change) -> bool {
    planned
        .action
        .as_ref()
        .is_none_or(|known| same_target(known, action))
        && planned.change.as_ref().is_none_or(|known| {
            known.kind == change.kind
                && known.resource == change.resource
                && known.after == change.after
                && (known.before == change.before
                    || matches!(planned.confidence, Confidence::Unknown(_)))
        })
}

/// Whether two actions do the same to the same thing; secrets and contents were compared as the change's fields.
fn same_target(a: &Action, b: &Action) -> bool {
    match (a, b) {
        (Action::Proxmox(a), Action::Proxmox(b)) => {
            let is_same = a.request.method == b.request.method && a.request.path == b.request.path;
            a.node == b.node && is_same
        }
        (Action::Host { to: a, .. }, Action::Host { to: b, .. }) => {
            a.host == b.host && a.call.verb == b.call.verb && a.call.args == b.call.args
        }
        (Action::Install { .. }, Action::Install { .. }) => a == b,
        _ => false,
    }
}

fn differs(key: &OperationKey, change: &Change, near: Option<&Planned>) -> Failure {
    let failure = Failure::new(
        code::run::plan_differs,
        format!(
            "the plan doesn't contain what {} would do now in step {}: {}",
            key.function, key.step, change.resource
        ),
    )
    .class(Class::PlanDiffers)
    .help("nothing was done for it; make a new plan with `homelab plan --out FILE` and look at what changed");
    let show = |value: &Value| value.to_string();
    match near.and_then(|planned| planned.change.as_ref()) {
        Some(planned) => failure.cause(format!(
            "planned: {} -> {}; now: {} -> {}",
            show(&planned.before),
            show(&planned.after),
            show(&change.before),
            show(&change.after)
        )),
        None => failure.cause(format!(
            "now: {} -> {}",
            show(&change.before),
            show(&change.after)
        )),
    }
}
