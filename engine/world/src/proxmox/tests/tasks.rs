//! Tasks followed to their end.

use std::time::Duration;

use super::scenario::{Given, LOGIN, Stage, data, refused, ticket, token};
use crate::{
    code,
    proxmox::{ApiError, Identity, Request, TaskEvent, Upid, Watch},
};

const RUNNING: &str = "{\"status\":\"running\"}";

fn upid(kind: &str) -> Upid {
    format!("UPID:pve1:0000C5A1:0007B0F2:67A1B2C3:{kind}:x:root@pam:")
        .parse()
        .unwrap()
}

fn lines(kind: &str, proof: &str) -> (String, impl Fn(usize) -> String) {
    let id = upid(kind)
        .to_string()
        .replace(':', "%3A")
        .replace('@', "%40");
    let (head, proof) = (
        format!("10.0.0.1 GET /nodes/pve1/tasks/{id}"),
        proof.to_owned(),
    );
    let status = format!("{head}/status {proof}");
    (status, move |start| {
        format!("{head}/log?start={start}&limit=500 {proof}")
    })
}

fn log(first: usize, texts: &[&str]) -> Given {
    let items: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| format!("{{\"n\":{},\"t\":\"{text}\"}}", first + i + 1))
        .collect();
    data(&format!("[{}]", items.join(",")))
}

#[tokio::test]
async fn takes_what_is_said_of_an_empty_log_for_no_line_of_it() {
    let (status, at) = lines("download", "PVEAPIToken=run@pve!homelab=0-1");
    let stage = Stage::new(vec![
        (&status, data(RUNNING)),
        (&at(0), log(0, &["no content"])),
        (
            &status,
            data("{\"status\":\"stopped\",\"exitstatus\":\"no space\"}"),
        ),
        (&at(0), log(0, &["TASK ERROR: no space"])),
    ]);
    let watch = Watch::new(upid("download"), token());
    let error = stage.api.follow(&watch, &mut |_| ()).await.unwrap_err();
    let ApiError::TaskFailed { log, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(log, ["TASK ERROR: no space"]);
    stage.done();
}

#[tokio::test]
async fn tells_each_line_once_and_backs_off() {
    let (status, at) = lines("download", "PVEAPIToken=run@pve!homelab=0-1");
    let stage = Stage::new(vec![
        (&status, data(RUNNING)),
        (&at(0), log(0, &["begin", "50% done"])),
        (&status, data(RUNNING)),
        (&at(2), log(2, &[])),
        (
            &status,
            data("{\"status\":\"stopped\",\"exitstatus\":\"WARNINGS: 1\"}"),
        ),
        (&at(2), log(2, &["TASK WARNINGS: 1"])),
    ]);
    let mut events = Vec::new();
    let watch = Watch::new(upid("download"), token());
    let end = stage
        .api
        .follow(&watch, &mut |event| events.push(event))
        .await
        .unwrap();
    assert_eq!((end.exitstatus.as_str(), end.log.len()), ("WARNINGS: 1", 3));
    assert_eq!(events.len(), 4);
    assert_eq!(events[1], TaskEvent::Percent(50.0));
    assert_eq!(*stage.clock.slept.lock().unwrap(), [100, 200]);
    stage.done();
}

#[tokio::test]
async fn a_failed_task_brings_its_log() {
    let (status, at) = lines("download", "PVEAPIToken=run@pve!homelab=0-1");
    let stage = Stage::new(vec![
        (
            &status,
            data("{\"status\":\"stopped\",\"exitstatus\":\"checksum mismatch\"}"),
        ),
        (&at(0), log(0, &["a", "TASK ERROR: checksum mismatch"])),
    ]);
    let watch = Watch::new(upid("download"), token());
    let error = stage.api.follow(&watch, &mut |_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "task download on pve1 failed: checksum mismatch"
    );
    assert!(matches!(error, ApiError::TaskFailed { log, .. } if log.len() == 2));
    stage.done();
}

#[tokio::test]
async fn survives_the_restart_that_a_join_causes() {
    let (status, at) = lines("clusterjoin", "PVEAuthCookie=A%3A%3D");
    let (after, at_after) = lines("clusterjoin", "PVEAuthCookie=B%3A%3D");
    let stage = Stage::new(vec![
        (LOGIN, ticket("A")),
        (&status, data(RUNNING)),
        (&at(0), log(0, &["joining"])),
        (&status, refused(401, "No ticket")),
        (LOGIN, refused(401, "authentication failure")),
        (LOGIN, ticket("B")),
        (
            &after,
            data("{\"status\":\"stopped\",\"exitstatus\":\"OK\"}"),
        ),
        (&at_after(1), log(1, &["TASK OK"])),
    ]);
    let watch = Watch::new(upid("clusterjoin"), Identity::Root);
    let end = stage.api.follow(&watch, &mut |_| {}).await.unwrap();
    assert_eq!(end.log, ["joining", "TASK OK"]);
    stage.done();
}

#[tokio::test]
async fn other_tasks_stop_at_a_refused_login() {
    let stage = Stage::new(vec![(LOGIN, refused(401, "authentication failure"))]);
    let watch = Watch::new(upid("download"), Identity::Root);
    let error = stage.api.follow(&watch, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.code(), code::proxmox::login);
    stage.done();
}

#[tokio::test]
async fn waits_no_longer_than_it_may() {
    let (status, at) = lines("download", "PVEAPIToken=run@pve!homelab=0-1");
    let mut steps = Vec::new();
    let log_line = at(0);
    for _ in 0..3 {
        steps.push((status.as_str(), data(RUNNING)));
        steps.push((log_line.as_str(), log(0, &[])));
    }
    let stage = Stage::new(steps);
    let watch = Watch::new(upid("download"), token()).within(Duration::from_millis(300));
    let error = stage.api.follow(&watch, &mut |_| {}).await.unwrap_err();
    assert_eq!(error.code(), code::proxmox::task_timeout);
    assert!(error.outcome_unknown());
    stage.done();
}

#[tokio::test]
async fn a_read_beside_a_join_outlasts_its_refused_logins() {
    let line = "10.0.0.1 GET /cluster/status PVEAPIToken=run@pve!homelab=0-1";
    let request = Request::get("/cluster/status");
    let refusal = || refused(401, "Authentication failed!");
    let stage = Stage::new(vec![
        (line, refusal()),
        (line, refusal()),
        (line, data("[]")),
    ]);
    let whom = (&token(), "pve1");
    stage
        .api
        .call_beside("clusterjoin", whom, &request)
        .await
        .unwrap();
    stage.done();
    let stage = Stage::new(vec![(line, refusal())]);
    let error = stage
        .api
        .call_beside("download", whom, &request)
        .await
        .unwrap_err();
    assert!(matches!(error, ApiError::Ticket { .. }), "{error}");
    stage.done();
}
