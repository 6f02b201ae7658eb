//! Following a task to its end, also over the restarts that it causes itself.

use std::time::Duration;

use serde_json::Value;

use super::{
    Answer, Api, ApiError, Asked, Identity, PortError, Request, TaskEnd, TaskEvent, TaskStatus,
    Upid, lenient, task::percent,
};

/// The first and the longest pause between two looks at a task.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);

/// How long a task may be out of sight: while a cluster is made or joined, the API restarts.
const PATIENCE: Duration = Duration::from_secs(180);

/// How many log lines are asked for at a time.
const CHUNK: usize = 500;

/// What the API says in place of a log that has no line yet; it's no line of the log.
const EMPTY: &str = "no content";

/// Which task is watched, as whom, and at which node the questions are asked.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The task.
    pub upid: Upid,
    /// As whom its state is read: its owner may always.
    pub identity: Identity,
    /// The node that is asked; the task's own unless chosen otherwise.
    pub at: String,
    /// How long to wait for its end at most; for ever if there is none.
    pub timeout: Option<Duration>,
}

impl Watch {
    /// Watches a task at its own node.
    #[must_use]
    pub fn new(upid: Upid, identity: Identity) -> Self {
        Self {
            at: upid.node.clone(),
            upid,
            identity,
            timeout: None,
        }
    }

    /// Asks another node.
    #[must_use]
    pub fn at(mut self, node: &str) -> Self {
        node.clone_into(&mut self.at);
        self
    }

    /// Waits no longer than `timeout`.
    #[must_use]
    pub const fn within(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    fn request(&self, what: &str) -> Request {
        Request::get(Request::path(&[
            "nodes",
            &self.upid.node,
            "tasks",
            &self.upid.to_string(),
            what,
        ]))
    }
}

impl Api {
    /// Reads whether a task runs, or how it ended.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn task_status(&self, watch: &Watch) -> Result<TaskStatus, ApiError> {
        let request = watch.request("status");
        let answer = self.call(&watch.identity, &watch.at, &request).await?;
        match answer.field_text("status").as_deref() {
            Some("running") => Ok(TaskStatus::Running),
            Some("stopped") => {
                let end = answer.field_text("exitstatus");
                Ok(TaskStatus::Stopped(
                    end.unwrap_or_else(|| "unexpected status".to_owned()),
                ))
            }
            _ => Err(ApiError::Malformed {
                asked: Asked::new(&watch.at, &request),
                what: "no task status in it".to_owned(),
                truncated: false,
            }),
        }
    }

    /// Reads a task's log from line `start` (the first is 0) to its present end.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn task_log(&self, watch: &Watch, start: usize) -> Result<Vec<String>, ApiError> {
        let mut lines = Vec::new();
        loop {
            let request = watch
                .request("log")
                .with("start", (start + lines.len()).to_string())
                .with("limit", CHUNK.to_string());
            let answer = self.call(&watch.identity, &watch.at, &request).await?;
            let chunk: Vec<String> = answer
                .items()
                .iter()
                .filter_map(|item| item.get("t").and_then(lenient::text))
                .collect();
            if lines.is_empty() && start == 0 && chunk == [EMPTY] {
                return Ok(lines);
            }
            let last = chunk.len() < CHUNK;
            lines.extend(chunk);
            if last {
                return Ok(lines);
            }
        }
    }

    /// Waits for a task's end and tells each line of its log on the way.
    ///
    /// It only reads, so it can be dropped at any moment and taken up again. Tickets that die and nodes that
    /// can't be reached are borne for a while: making or joining a cluster causes both.
    ///
    /// # Errors
    /// The task failed ([`ApiError::TaskFailed`]), took too long, or is out of sight for too long.
    pub async fn follow(
        &self,
        watch: &Watch,
        tell: &mut (dyn FnMut(TaskEvent) + Send),
    ) -> Result<TaskEnd, ApiError> {
        let begin = self.clock().now();
        let mut seen = begin;
        let mut pause = FIRST;
        let mut log = Vec::new();
        loop {
            let before = log.len();
            // The state is read before the log: after the end no line is missed.
            match self.look(watch, &mut log, tell).await {
                Ok(TaskStatus::Stopped(exitstatus)) => return end(watch, exitstatus, log),
                Ok(TaskStatus::Running) => seen = self.clock().now(),
                Err(error)
                    if is_restart(&watch.upid.kind, &error)
                        && self.clock().now().since(seen) < PATIENCE =>
                {
                    self.forget_ticket(&watch.at);
                }
                Err(error) => return Err(error),
            }
            let waited = self.clock().now().since(begin);
            if watch.timeout.is_some_and(|timeout| waited >= timeout) {
                return Err(ApiError::TaskTimeout {
                    upid: Box::new(watch.upid.clone()),
                    waited,
                });
            }
            if log.len() > before {
                // A task that tells something is worth another look soon.
                pause = FIRST;
            }
            self.clock().sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Sends a read to a node on which a task of a type may run. If that makes or joins a cluster, the node refuses logins
    /// and shows another certificate meanwhile; that is borne for a while.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn call_beside(
        &self,
        kind: &str,
        (identity, node): (&Identity, &str),
        request: &Request,
    ) -> Result<Answer, ApiError> {
        let begin = self.clock().now();
        loop {
            let error = match self.call(identity, node, request).await {
                Err(error) if rejoins(kind) && is_restart(kind, &error) => error,
                answer => return answer,
            };
            if self.clock().now().since(begin) >= PATIENCE {
                return Err(error);
            }
            self.forget_ticket(node);
            self.clock().sleep(LONGEST).await;
        }
    }

    async fn look(
        &self,
        watch: &Watch,
        log: &mut Vec<String>,
        tell: &mut (dyn FnMut(TaskEvent) + Send),
    ) -> Result<TaskStatus, ApiError> {
        let status = self.task_status(watch).await?;
        for line in self.task_log(watch, log.len()).await? {
            if let Some(percent) = percent(&line) {
                tell(TaskEvent::Percent(percent));
            }
            tell(TaskEvent::Line(line.clone()));
            log.push(line);
        }
        Ok(status)
    }
}

/// Whether a task of a type restarts its node's cluster file system.
fn rejoins(kind: &str) -> bool {
    matches!(kind, "clustercreate" | "clusterjoin")
}

/// What a restart of the API looks like from outside; making or joining a cluster also changes its
/// certificate and makes tickets invalid.
fn is_restart(kind: &str, error: &ApiError) -> bool {
    let rejoins = rejoins(kind);
    let refused = matches!(
        error,
        ApiError::Ticket { .. }
            | ApiError::Login { .. }
            | ApiError::Port {
                source: PortError::Fingerprint { .. },
                ..
            }
    );
    error.is_transient() || (rejoins && refused)
}

fn end(watch: &Watch, exitstatus: String, log: Vec<String>) -> Result<TaskEnd, ApiError> {
    if TaskStatus::is_success(&exitstatus) {
        return Ok(TaskEnd { exitstatus, log });
    }
    Err(ApiError::TaskFailed {
        upid: Box::new(watch.upid.clone()),
        exitstatus,
        log,
    })
}

/// Reads the UPID that an answer's data holds.
impl TryFrom<&Value> for Upid {
    type Error = super::UpidError;

    fn try_from(data: &Value) -> Result<Self, super::UpidError> {
        lenient::text(data).unwrap_or_default().parse()
    }
}
