//! Logins, renewals, the CSRF header, retries, vouched certificates.

use std::sync::{Arc, Mutex};

use super::scenario::{LOGIN, Stage, broken, data, refused, ticket, token};
use crate::{
    Secret, code,
    proxmox::{ApiError, Identity, PortError, Request},
};

const A: &str = "PVEAuthCookie=A%3A%3D";
const B: &str = "PVEAuthCookie=B%3A%3D";

fn storage() -> Request {
    Request::post("/storage").with("storage", "nas")
}

#[tokio::test]
async fn logs_in_once_and_sends_the_csrf_token_on_writes() {
    let stage = Stage::new(vec![
        (LOGIN, ticket("A")),
        (
            &format!("10.0.0.1 GET /version?x=1 {A}"),
            data("{\"version\":\"9.2\"}"),
        ),
        (
            &format!("10.0.0.1 POST /storage {A} csrf-A storage=nas"),
            data("null"),
        ),
        (
            &format!("10.0.0.1 DELETE /storage/nas?force=1 {A} csrf-A"),
            data("null"),
        ),
    ]);
    let get = Request::get("/version").with("x", "1");
    let answer = stage.api.call(&Identity::Root, "pve1", &get).await.unwrap();
    assert_eq!(answer.field_text("version").as_deref(), Some("9.2"));
    stage
        .api
        .call(&Identity::Root, "pve1", &storage())
        .await
        .unwrap();
    let delete = Request::delete("/storage/nas").with("force", true);
    stage
        .api
        .call(&Identity::Root, "pve1", &delete)
        .await
        .unwrap();
    stage.done();
}

#[tokio::test]
async fn renews_a_ticket_before_it_dies_and_logs_in_after() {
    let renew = "10.0.0.1 POST /access/ticket username=root%40pam&password=A%3A%3D";
    let stage = Stage::new(vec![
        (LOGIN, ticket("A")),
        (&format!("10.0.0.1 GET /nodes {A}"), data("[]")),
        (renew, ticket("B")),
        (&format!("10.0.0.1 GET /nodes {B}"), data("[]")),
        (LOGIN, ticket("A")),
        (&format!("10.0.0.1 GET /nodes {A}"), data("[]")),
    ]);
    let get = Request::get("/nodes");
    for minutes in [0, 105, 120] {
        *stage.clock.now.lock().unwrap() += minutes * 60_000;
        stage.api.call(&Identity::Root, "pve1", &get).await.unwrap();
    }
    stage.done();
}

#[tokio::test]
async fn logs_in_again_when_a_ticket_is_refused_and_then_gives_up() {
    let stage = Stage::new(vec![
        (LOGIN, ticket("A")),
        (
            &format!("10.0.0.1 POST /storage {A} csrf-A storage=nas"),
            refused(401, "No ticket"),
        ),
        (LOGIN, ticket("B")),
        (
            &format!("10.0.0.1 POST /storage {B} csrf-B storage=nas"),
            refused(401, "No ticket"),
        ),
    ]);
    let error = stage
        .api
        .call(&Identity::Root, "pve1", &storage())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "POST /storage on pve1: the new ticket was refused: No ticket"
    );
    assert!(!error.outcome_unknown());
    stage.done();
}

#[tokio::test]
async fn a_wrong_password_is_no_case_for_a_second_try() {
    let stage = Stage::new(vec![(LOGIN, refused(401, "authentication failure"))]);
    let error = stage
        .api
        .call(&Identity::Root, "pve1", &Request::get("/nodes"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::proxmox::login);
    assert_eq!(
        error.to_string(),
        "GET /nodes on pve1: the login of root@pam was refused: authentication failure"
    );
    stage.done();
}

#[tokio::test]
async fn a_token_needs_no_login_and_is_refused_once() {
    let line = "10.0.0.1 POST /storage PVEAPIToken=run@pve!homelab=0-1 storage=nas";
    let stage = Stage::new(vec![
        (line, data("null")),
        (line, refused(401, "Authentication failed!")),
    ]);
    stage.api.call(&token(), "pve1", &storage()).await.unwrap();
    let error = stage
        .api
        .call(&token(), "pve1", &storage())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the token run@pve!homelab was refused"),
        "{error}"
    );
    stage.done();
}

#[tokio::test]
async fn a_recorded_token_needs_its_secret_from_elsewhere() {
    let line = "10.0.0.1 POST /storage PVEAPIToken=run@pve!homelab=0-1 storage=nas";
    let stage = Stage::new(vec![(line, data("null"))]);
    let text = serde_json::to_string(&token()).unwrap();
    let recorded: Identity = serde_json::from_str(&text).unwrap();
    let error = stage
        .api
        .call(&recorded, "pve1", &storage())
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::proxmox::no_credentials);
    stage
        .api
        .set_token("run@pve!homelab", Secret::new("TOKEN", "0-1"));
    stage.api.call(&recorded, "pve1", &storage()).await.unwrap();
    stage.done();
}

#[tokio::test]
async fn reads_are_repeated_with_growing_pauses() {
    let line = "10.0.0.1 GET /nodes PVEAPIToken=run@pve!homelab=0-1";
    let stage = Stage::new(vec![
        (line, broken()),
        (line, refused(596, "Broken pipe")),
        (line, Ok((200, "OK", "{\"data\":[".to_owned()))),
        (line, data("[]")),
    ]);
    stage
        .api
        .call(&token(), "pve1", &Request::get("/nodes"))
        .await
        .unwrap();
    assert_eq!(*stage.clock.slept.lock().unwrap(), [250, 1000, 2000]);
    stage.done();
}

#[tokio::test]
async fn a_read_outlasts_a_restart_and_a_node_without_a_way_is_given_up_soon() {
    let line = "10.0.0.1 GET /nodes PVEAPIToken=run@pve!homelab=0-1";
    let read = Request::get("/nodes");
    for (error, least) in [
        (refused(596, "certificate verify failed"), 30_000),
        (broken(), 30_000),
        (refused(595, "No route to host"), 3_250),
    ] {
        let stage = Stage::new((0..20).map(|_| (line, error.clone())).collect());
        stage.api.call(&token(), "pve1", &read).await.unwrap_err();
        let slept: u64 = stage.clock.slept.lock().unwrap().iter().sum();
        assert!((least..least + 3_000).contains(&slept), "{slept}");
    }
}

#[tokio::test]
async fn a_node_that_refuses_connections_is_asked_for_as_long_as_a_restart_takes() {
    let line = "10.0.0.1 POST /storage PVEAPIToken=run@pve!homelab=0-1 storage=nas";
    let refusal = || {
        Err(PortError::Refused {
            address: "10.0.0.1".to_owned(),
            cause: "connection refused".to_owned(),
        })
    };
    let told = Arc::new(Mutex::new(Vec::new()));
    let stage = Stage::new(vec![
        (line, refusal()),
        (line, refusal()),
        (line, data("null")),
    ]);
    let lines = Arc::clone(&told);
    stage
        .api
        .tell_waits(Box::new(move |text| lines.lock().unwrap().push(text)));
    stage.api.call(&token(), "pve1", &storage()).await.unwrap();
    stage.done();
    assert_eq!(
        *told.lock().unwrap(),
        ["pve1 refuses connections: its API restarts, or doesn't run. It's asked again for 30 s"]
    );

    let stage = Stage::new((0..20).map(|_| (line, refusal())).collect());
    let error = stage
        .api
        .call(&token(), "pve1", &storage())
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::proxmox::unreachable);
    assert!(!error.outcome_unknown(), "{error}");
    let slept: u64 = stage.clock.slept.lock().unwrap().iter().sum();
    assert!((30_000..33_000).contains(&slept), "{slept}");
}

#[tokio::test]
async fn writes_are_never_repeated_blindly() {
    let line = "10.0.0.1 POST /storage PVEAPIToken=run@pve!homelab=0-1 storage=nas";
    for given in [
        broken(),
        refused(596, "Broken pipe"),
        Ok((200, "OK", "{".to_owned())),
    ] {
        let stage = Stage::new(vec![(line, given)]);
        let error = stage
            .api
            .call(&token(), "pve1", &storage())
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{error}");
        stage.done();
    }
    let unreachable = PortError::Unreachable {
        address: "10.0.0.1".to_owned(),
        cause: "no route".to_owned(),
    };
    let stage = Stage::new(vec![(line, Err(unreachable))]);
    let error = stage
        .api
        .call(&token(), "pve1", &storage())
        .await
        .unwrap_err();
    assert!(!error.outcome_unknown() && error.help().unwrap().contains("10.0.0.1"));
}

#[tokio::test]
async fn refusals_are_answers_and_not_repeated() {
    let line = "10.0.0.1 GET /storage/x PVEAPIToken=run@pve!homelab=0-1";
    let stage = Stage::new(vec![(line, refused(500, "storage 'x' does not exist"))]);
    let error = stage
        .api
        .call(&token(), "pve1", &Request::get("/storage/x"))
        .await
        .unwrap_err();
    assert!(error.is_absent());
    stage.done();
}

#[tokio::test]
async fn an_unknown_node_names_the_nearest() {
    let stage = Stage::new(Vec::new());
    let error = stage
        .api
        .call(&token(), "pev1", &Request::get("/nodes"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ApiError::UnknownNode { nearest: Some(near), .. } if near == "pve1"),
        "{error:?}"
    );
    assert_eq!(error.help().as_deref(), Some("did you mean 'pve1'?"));
}

fn changed() -> PortError {
    PortError::Fingerprint {
        address: "10.0.0.1".to_owned(),
        pinned: "AA".to_owned(),
        actual: "bb:cc".to_owned(),
    }
}

#[tokio::test]
async fn another_node_vouches_for_a_new_certificate() {
    let line = "10.0.0.1 POST /storage PVEAPIToken=run@pve!homelab=0-1 storage=nas";
    let login = LOGIN.replace("10.0.0.1", "10.0.0.2");
    let nodes = format!("10.0.0.2 GET /nodes {A}");
    let known = "[{\"node\":\"pve1\",\"ssl_fingerprint\":\"BB:CC\"}]";
    let stage = Stage::new(vec![
        (line, Err(changed())),
        (&login, ticket("A")),
        (&nodes, data(known)),
        (line, data("null")),
    ]);
    stage.api.call(&token(), "pve1", &storage()).await.unwrap();
    stage.done();
    let stage = Stage::new(vec![
        (line, Err(changed())),
        (&login, ticket("A")),
        (
            &nodes,
            data("[{\"node\":\"pve1\",\"ssl_fingerprint\":\"DD\"}]"),
        ),
    ]);
    let error = stage
        .api
        .call(&token(), "pve1", &storage())
        .await
        .unwrap_err();
    assert_eq!(error.code(), code::proxmox::fingerprint);
    assert!(error.help().unwrap().contains("bb:cc"));
    stage.done();
}

#[tokio::test]
async fn an_old_release_is_refused_by_name() {
    let line = "10.0.0.1 GET /version PVEAPIToken=run@pve!homelab=0-1";
    let stage = Stage::new(vec![
        (line, data("{\"version\":\"9.2.11\"}")),
        (line, data("{\"version\":\"8.4.1\"}")),
    ]);
    stage.api.version(&token(), "pve1").await.unwrap();
    let error = stage.api.version(&token(), "pve1").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /version on pve1: the node runs Proxmox VE 8.4.1; 9.0 or later is needed"
    );
    assert!(error.help().unwrap().contains("pve8to9"));
    stage.done();
}

#[tokio::test]
async fn without_root_the_token_asks_who_vouches() {
    let proof = "PVEAPIToken=run@pve!homelab=0-1";
    let line = format!("10.0.0.1 POST /storage {proof} storage=nas");
    let nodes = format!("10.0.0.2 GET /nodes {proof}");
    let stage = Stage::without_root(vec![
        (&line, Err(changed())),
        (
            &nodes,
            data("[{\"node\":\"pve1\",\"ssl_fingerprint\":\"BB:CC\"}]"),
        ),
        (&line, data("null")),
    ]);
    stage.api.call(&token(), "pve1", &storage()).await.unwrap();
    stage.done();
}
