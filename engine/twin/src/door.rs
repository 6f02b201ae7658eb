//! The door of a served twin, from inside.

use std::time::Duration;

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use world::{
    Clock as _, WorldId,
    clock::RealClock,
    door::{Answer, Host, Lines, Question},
    host::{Call, Destination, OPERATOR, Port as _},
    lease::{LeaseError, Lock},
};

use crate::{hosts::TwinHosts, twin::Twin};

/// How often, and how many times, a lock is tried: its owner's process may have ended just now.
const AGAIN: Duration = Duration::from_millis(20);
const TRIES: u32 = 25;

/// Takes connections until the listener fails.
pub(crate) async fn accept(listener: TcpListener, twin: Twin) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(serve(stream, twin.clone()));
    }
}

/// Answers one connection. One that breaks concerns its client alone; what it took is free then.
async fn serve(stream: TcpStream, twin: Twin) {
    let mut lines = Lines::of(stream);
    let mut lock = None;
    while let Ok(Some(question)) = lines.read().await {
        let answer = match answer(&twin, question, &mut lock).await {
            Ok(answer) => answer,
            Err(LeaseError::Held(owner)) => Answer::Held(owner),
            Err(LeaseError::Store(cause)) => Answer::Store(cause),
            Err(error) => Answer::Failed(error.to_string()),
        };
        if lines.write(&answer).await.is_err() {
            return;
        }
    }
}

async fn answer(
    twin: &Twin,
    question: Question,
    lock: &mut Option<Lock>,
) -> Result<Answer, LeaseError> {
    let world = || {
        if let Some(cause) = twin.store_failure() {
            return Err(LeaseError::Store(cause));
        }
        twin.id()
            .map_err(|error| LeaseError::Store(error.to_string()))
    };
    match question {
        Question::World => {
            let id = world()?;
            let owner = twin.lock_file(&id).and_then(|file| Lock::owner(&file));
            Ok(Answer::World { id, owner })
        }
        Question::Take(owner) => {
            let id = world()?;
            *lock = take(twin, &id, &owner).await?;
            let owner = Some(owner);
            Ok(Answer::World { id, owner })
        }
        Question::Call { to, call, input } => Ok(call_on(twin, to, call.with_input(input)).await),
    }
}

async fn take(twin: &Twin, world: &WorldId, owner: &str) -> Result<Option<Lock>, LeaseError> {
    let Some(file) = twin.lock_file(world) else {
        return Ok(None);
    };
    for _ in 1..TRIES {
        match Lock::take(&file, owner) {
            Err(LeaseError::Held(_)) => RealClock.sleep(AGAIN).await,
            taken => return taken.map(Some),
        }
    }
    Lock::take(&file, owner).map(Some)
}

/// Nodes are asked over SSH: here are the operator, and what it knows hosts by.
async fn call_on(twin: &Twin, to: Host, call: Call) -> Answer {
    if to.name != OPERATOR && !call.verb.is_near() {
        return Answer::Failed(format!("{} is asked over SSH", to.name));
    }
    let hosts = TwinHosts::of(twin.clone());
    let name = to.name.clone();
    hosts.declare(vec![Destination {
        host_key: to.host_key,
        ..Destination::new(to.name, to.address)
    }]);
    match hosts.call(&name, call).await {
        Ok(reply) => Answer::Reply {
            status: reply.status,
            output: reply.output.to_vec(),
            cut: reply.cut,
            error: reply.error,
        },
        Err(error) => Answer::Failed(error.to_string()),
    }
}
