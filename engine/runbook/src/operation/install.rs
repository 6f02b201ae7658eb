//! Waiting for a machine that is being installed: its answer file lies ready, and the node is asked until it
//! answers.

use std::{future::Future, pin::pin, time::Duration};

use world::{
    clock::Moment,
    code,
    install::{Asked, InstallError, Offer, Offered},
    proxmox::{Answer, Identity},
    units::Timespan,
};

use crate::{
    failure::Failure,
    journal::entry::Given,
    operation::{Operation, halt::Halt},
};

/// The pauses between two questions grow from the first to the last.
const FIRST: Duration = Duration::from_millis(100);
const LAST: Duration = Duration::from_secs(30);

/// Lays an answer file ready and waits until its node answers; gives the node's version.
///
/// # Errors
/// Nobody can ask for the file, the node doesn't answer in time or is refused, or the run was interrupted.
pub(crate) async fn wait(
    operation: &Operation,
    mut offer: Offer,
    timeout: Duration,
) -> Result<Answer, Halt> {
    let run = operation.run();
    let node = offer.node.clone();
    offer.given = run.state().summary.given.contains(&node);
    let offered = run.world.installer.offer(offer).await;
    let waiting = Waiting {
        operation,
        node: &node,
        offered: offered.map_err(failed)?,
        since: run.world.clock.now(),
    };
    let answer = waiting.until_it_answers(timeout).await;
    waiting.note()?;
    answer
}

struct Waiting<'a> {
    operation: &'a Operation,
    node: &'a str,
    offered: Offered,
    since: Moment,
}

impl Waiting<'_> {
    async fn until_it_answers(&self, timeout: Duration) -> Result<Answer, Halt> {
        // How often the node is asked depends on how time passes: a wait is one kill point, however long it is.
        let function = &self.operation.key().function;
        self.operation
            .run()
            .gate
            .pass(&format_args!("wait {function}"));
        self.operation.tell(self.what_hands_do(timeout));
        let mut pause = FIRST;
        loop {
            let version = self
                .operation
                .api()
                .version_once(&Identity::Root, self.node);
            match self.attending(version).await? {
                Err(error) if error.is_silence() => {}
                answer => return answer.map_err(Halt::from),
            }
            let waited = self.operation.run().world.clock.now().since(self.since);
            if waited >= timeout {
                return Err(self.silent(timeout).into());
            }
            self.attending(self.operation.rest(pause)).await??;
            pause = (pause * 2).min(LAST);
        }
    }

    /// What is waited for, and what somebody has to do.
    fn what_hands_do(&self, timeout: Duration) -> String {
        let (node, patience) = (self.node, Timespan(timeout));
        if self.operation.was_given(node) {
            return format!("{node} is being installed: it's waited for up to {patience}");
        }
        format!(
            "{node} doesn't answer yet: if its machine is bare, start it from the prepared medium (`homelab help phase1`); it's waited for up to {patience}"
        )
    }

    /// Does something, and records meanwhile who got an answer file as soon as it's known.
    async fn attending<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = self.offered.asked() => self.note()?,
                () = self.operation.run().cancel.cancelled() => {
                    return Err(crate::run::interrupted().into());
                }
            }
        }
    }

    /// Records what machines were told.
    fn note(&self) -> Result<(), Failure> {
        let run = self.operation.run();
        for asked in self.offered.take() {
            let text = asked.to_string();
            match asked {
                Asked::Given { node, machine } => {
                    run.state().machines.insert(node.clone(), machine.clone());
                    run.record(Given {
                        operation: self.operation.key().clone(),
                        node,
                        machine: machine.to_string(),
                    })?;
                }
                Asked::Again { .. } | Asked::Stranger { .. } => self.operation.remark(text),
            }
        }
        Ok(())
    }

    /// The node didn't answer in time: whether its machine has asked says where to look.
    fn silent(&self, timeout: Duration) -> Failure {
        let node = self.node;
        let is_given = self.operation.run().state().summary.given.contains(node);
        let failure = Failure::new(
            code::install::timeout,
            format!("{node} didn't answer within {}", Timespan(timeout)),
        );
        if is_given {
            failure
                .cause(format!(
                    "its machine got its answer file and hasn't come up as {node}"
                ))
                .help("look at its screen; to give the file again, start over with --fresh")
        } else {
            failure
                .cause("its machine didn't ask for its answer file".to_owned())
                .help(
                    "start it from the prepared medium (`homelab help phase1`); its MAC addresses must stand in \
                     docs/HARDWARE.md, Interfaces",
                )
        }
    }
}

fn failed(error: InstallError) -> Halt {
    Failure::of(error.code(), &error).help(error.help()).into()
}
