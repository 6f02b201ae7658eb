//! Finding out whether an action was carried out, when its answer never came.

mod restart;

use std::time::Duration;

use world::{
    code,
    host::{
        Ask as _, Verb,
        verb::{Printed as _, Record, Settle},
    },
    proxmox::{Api, ApiError, Identity, Request, TaskEvent, Upid, Watch},
};

use crate::{
    failure::{Class, Failure},
    journal::{
        Open, OperationKey, Settlement,
        action::{Action, Condition, Proof, TaskTrace, ToHost, ToNode},
        entry::Settled,
    },
    operation::{halt::Halt, told::told},
    run::{Run, event::Progress, interrupted},
};

/// Settles every intent that an earlier invocation left open, before any script code runs.
///
/// # Errors
/// The proof can't be asked, or an action is in doubt.
pub(crate) async fn settle_all(run: &Run) -> Result<(), Failure> {
    let all = run.state().summary.open.clone();
    if !all.is_empty() {
        run.foresight.change();
    }
    for open in all.into_values() {
        run.remark(None, left_open(run, &open));
        let settlement = match settle(run, &open).await {
            Ok(settlement) => settlement,
            Err(Halt::Failed(failure)) => return Err(*failure),
            Err(Halt::Unknown(origin)) => Settlement::InDoubt(origin.to_string()),
        };
        run.record(Settled {
            intent: open.begun.intent,
            settlement: settlement.clone(),
        })?;
        if let Settlement::InDoubt(why) = settlement {
            return Err(in_doubt(&open, &why));
        }
    }
    Ok(())
}

/// What an earlier invocation left open, for whoever reads the run or its plan.
fn left_open(run: &Run, open: &Open) -> String {
    let begun = &open.begun;
    let task = match &open.upid {
        Some(_) => "its task is followed to its end",
        None => "whether that was carried out is found out first",
    };
    format!(
        "run {} was stopped in step {}, at {}: {task}",
        run.id(),
        begun.operation.step,
        begun.change.resource
    )
}

/// Whether an open intent was carried out; a task that still runs is followed to its end.
///
/// # Errors
/// The world can't be asked, or the run was interrupted: then the intent stays open.
pub(crate) async fn settle(run: &Run, open: &Open) -> Result<Settlement, Halt> {
    tokio::select! {
        settlement = find_out(run, open) => settlement,
        () = run.cancel.cancelled() => Err(interrupted().into()),
    }
}

async fn find_out(run: &Run, open: &Open) -> Result<Settlement, Halt> {
    if let Some(upid) = &open.upid {
        let upid: Upid = upid.parse().map_err(|error| {
            Failure::new(code::journal::corrupted, format!("task {upid}: {error}"))
        })?;
        return attach(run, open, upid).await;
    }
    if let Some(settlement) = recorded(run, open).await? {
        return Ok(settlement);
    }
    match &*open.begun.proof {
        Proof::Record => Ok(Settlement::InDoubt(
            "its host has no record of how it ended".to_owned(),
        )),
        Proof::Repeatable => Ok(Settlement::NotDone(
            "it's repeated if it is still needed".to_owned(),
        )),
        Proof::Installed { node } => match run.api.version_once(&Identity::Root, node).await {
            Ok(_) => Ok(Settlement::Done),
            Err(error) if error.is_silence() => {
                Ok(Settlement::NotDone(format!("{node} doesn't answer yet")))
            }
            Err(error) => Err(error.into()),
        },
        Proof::Host {
            to,
            output,
            compared,
        } => settle_call(run, open, to, |is| compared.fits(is, output)).await,
        Proof::Proxmox {
            to,
            condition,
            task,
        } => {
            let attached = match task {
                Some(trace) => settle_task(run, open, to, trace).await?,
                None => None,
            };
            match attached {
                Some(settlement) => Ok(settlement),
                None => settle_request(run, to, (condition, task.as_ref())).await,
            }
        }
    }
}

/// Asks a host whether its answer is the one that proves an action.
async fn settle_call(
    run: &Run,
    open: &Open,
    to: &ToHost,
    fits: impl Fn(&str) -> bool + Sync,
) -> Result<Settlement, Halt> {
    let ToHost { host, call } = to;
    let reply = if restarts(&open.begun.action) {
        restart::answer(run, host, call, &fits).await?
    } else {
        run.foresight.hosts().call(host, call.clone()).await?
    };
    let is = reply.text();
    let is_done = reply.status == 0 && fits(is.trim_end());
    Ok(if is_done {
        Settlement::Done
    } else {
        Settlement::NotDone(format!("{host} answers {}", is.trim_end()))
    })
}

/// Whether an action takes its host away for a while.
fn restarts(action: &Action) -> bool {
    matches!(action, Action::Host { to, .. } if to.call.verb == Verb::REBOOT)
}

/// How often a tracked call that still runs is asked about.
const EVERY: Duration = Duration::from_secs(1);

/// How often a host is asked whether a call that it has no record of has begun all the same: it may still lie
/// in a pipe of the connection that was lost.
const LATE: u32 = 3;

/// What a host's record says of a tracked call; nothing if the state has to tell.
async fn recorded(run: &Run, open: &Open) -> Result<Option<Settlement>, Halt> {
    let Action::Host { to, .. } = &*open.begun.action else {
        return Ok(None);
    };
    let ToHost { host, call } = to;
    let Some(token) = &call.token else {
        return Ok(None);
    };
    let ask = || {
        let call = Settle::new(token).call().as_who(call.who);
        run.foresight.hosts().call(host, call)
    };
    let mut absent = 0;
    loop {
        let reply = ask().await?;
        match told::<Settle>(host, &reply)? {
            Record::Ended(0) => return Ok(Some(Settlement::Done)),
            Record::Running => {}
            Record::Absent if absent == LATE => {
                let why = format!("{host} has no record that it began");
                return Ok(Some(Settlement::NotDone(why)));
            }
            Record::Absent => absent += 1,
            // What never got to its end is told by the state, where the state can tell.
            Record::Lost => return Ok(None),
            ended @ Record::Ended(_) => {
                let why = format!("{host} says: {}: {}", ended.print(), reply.error);
                return Ok(Some(Settlement::NotDone(why)));
            }
        }
        run.world.clock.sleep(EVERY).await;
    }
}

/// Looks for the task of an action before its effect, which may show before the task has ended; nothing if there's none.
async fn settle_task(
    run: &Run,
    open: &Open,
    to: &ToNode,
    trace: &TaskTrace,
) -> Result<Option<Settlement>, Halt> {
    let now = tasks(&run.api, &to.identity, &to.node, &trace.kind).await?;
    let mut new = now.into_iter().filter(|upid| !trace.before.contains(upid));
    let Some(upid) = new.next() else {
        return Ok(None);
    };
    if new.next().is_some() {
        let why = format!("several {} tasks began on {} since", trace.kind, to.node);
        return Ok(Some(Settlement::InDoubt(why)));
    }
    match upid.parse() {
        Ok(upid) => attach(run, open, upid).await.map(Some),
        Err(_) => Ok(None),
    }
}

async fn settle_request(
    run: &Run,
    to: &ToNode,
    (condition, task): (&Condition, Option<&TaskTrace>),
) -> Result<Settlement, Halt> {
    let kind = task.map_or("", |task| task.kind.as_str());
    let whom = (&to.identity, to.node.as_str());
    let answer = run.api.call_beside(kind, whom, &to.request).await;
    let data = match answer {
        Ok(answer) => Some(answer.data),
        Err(error) if error.is_absent() => None,
        Err(error) => return Err(error.into()),
    };
    Ok(if condition.holds(data.as_ref()) {
        Settlement::Done
    } else {
        Settlement::NotDone(format!("{} on {} doesn't show it", to.request, to.node))
    })
}

/// Re-attaches to the task of an intent.
async fn attach(run: &Run, open: &Open, upid: Upid) -> Result<Settlement, Halt> {
    match follow(run, &open.begun.operation, &open.begun.action, upid).await {
        Ok(()) => Ok(Settlement::Done),
        Err(Halt::Failed(failure)) if failure.code == code::proxmox::task_failed => {
            Ok(Settlement::NotDone(failure.to_string()))
        }
        Err(Halt::Failed(failure)) if failure.code == code::proxmox::not_found => {
            Ok(Settlement::InDoubt(failure.to_string()))
        }
        Err(halt) => Err(halt),
    }
}

/// Follows a task to its end; its log lines and percentages become progress.
///
/// # Errors
/// The task failed, can't be asked for, or the run was interrupted (the task goes on).
pub(crate) async fn follow(
    run: &Run,
    key: &OperationKey,
    action: &Action,
    upid: Upid,
) -> Result<(), Halt> {
    let (node, identity) = match action {
        Action::Proxmox(to) => (to.node.clone(), to.identity.clone()),
        Action::Host { .. } | Action::Install { .. } => (upid.node.clone(), Identity::Root),
    };
    let name = upid.to_string();
    run.gate.pass(&format_args!("wait {}", key.function));
    let mut show = |event: TaskEvent| {
        let (line, percent) = match event {
            TaskEvent::Line(line) => (Some(line), None),
            TaskEvent::Percent(percent) => (None, Some(percent)),
        };
        run.progress(Progress {
            step: key.step.to_string(),
            operation: key.function.clone(),
            upid: Some(name.clone()),
            line,
            percent,
        });
    };
    let watch = Watch::new(upid, identity).at(&node);
    tokio::select! {
        end = run.api.follow(&watch, &mut show) => end.map(drop).map_err(Halt::from),
        () = run.cancel.cancelled() => Err(interrupted().into()),
    }
}

/// The UPIDs of a type that a node knows.
///
/// # Errors
/// The node can't be asked.
pub(crate) async fn tasks(
    api: &Api,
    identity: &Identity,
    node: &str,
    kind: &str,
) -> Result<Vec<String>, ApiError> {
    let request = Request::get(Request::path(&["nodes", node, "tasks"]))
        .with("typefilter", kind)
        .with("source", "all")
        .with("limit", "500");
    let answer = api.call_beside(kind, (identity, node), &request).await?;
    let upid = |task: &serde_json::Value| {
        task.get("upid")
            .and_then(|upid| upid.as_str().map(str::to_owned))
    };
    Ok(answer
        .data
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(upid)
        .collect())
}

/// The failure of an action that can't be settled.
pub(crate) fn in_doubt(open: &Open, why: &str) -> Failure {
    Failure::new(
        code::run::in_doubt,
        format!(
            "whether {} of step {} was carried out can't be known",
            open.begun.action.summary(),
            open.begun.operation.step
        ),
    )
    .class(Class::InDoubt)
    .cause(why.to_owned())
    .help("look at the resource by hand, then run with --fresh: operations find what is already there")
}
