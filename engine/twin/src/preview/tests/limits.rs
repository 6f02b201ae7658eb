//! What a preview can't know, it says.

use world::{Confidence, proxmox::PortError};

use super::support::{direct, previewing, twin};

#[tokio::test]
async fn what_a_reader_may_not_see_is_unknown_and_not_absent() {
    let lab = twin();
    let client = direct(&lab);
    for line in [
        "POST /access/users userid=low@pve&password=secret-word",
        "POST /access/roles roleid=Pools&privs=Pool.Allocate,Pool.Audit",
        "PUT /access/acl path=/pool&roles=Pools&users=low@pve",
    ] {
        assert_eq!(client.root("pve1", line).await.unwrap().status, 200);
    }
    let (preview, log) = previewing(&lab);
    preview.login("pve1", "low@pve", "secret-word").await;
    // The list of users shows this one no other.
    let listed = preview
        .as_user("pve1", "low@pve", "GET /access/users")
        .await;
    let listed = listed.unwrap();
    assert_eq!(listed.data().as_array().unwrap().len(), 1);
    assert_eq!(listed.confidence, Confidence::Read);
    let made = preview.as_user("pve1", "low@pve", "POST /pools poolid=own");
    match made.await {
        Err(PortError::Unknown(origin)) => assert!(
            origin.what.contains("not all of which low@pve may see"),
            "{origin}"
        ),
        other => panic!("{other:?}"),
    }
    // With root's reads the same is known.
    preview.root("pve1", "GET /version").await.unwrap();
    let (preview, _) = previewing(&lab);
    preview.root("pve1", "GET /version").await.unwrap();
    preview.login("pve1", "low@pve", "secret-word").await;
    let made = preview.as_user("pve1", "low@pve", "POST /pools poolid=own");
    assert_eq!(made.await.unwrap().status, 200);
    let refused = preview.as_user("pve1", "low@pve", "POST /access/groups groupid=x");
    assert_eq!(refused.await.unwrap().status, 403);
    assert!(
        log.lines()
            .iter()
            .all(|line| !line.contains("POST /api2/json/pools"))
    );
}

#[tokio::test]
async fn a_wrong_login_is_refused_as_it_is_below() {
    let lab = twin();
    let (preview, log) = previewing(&lab);
    let refused = preview.login("pve1", "root@pam", "wrong").await;
    assert_eq!(
        (refused.status, refused.confidence),
        (401, Confidence::Read)
    );
    let forged = preview.as_token("pve1", "root@pam!x=y", "POST /access/groups groupid=x");
    assert_eq!(forged.await.unwrap().status, 401);
    let nobody = preview.bare("pve1", "POST /access/groups groupid=x").await;
    assert!(matches!(nobody, Err(PortError::Unknown(_)) | Ok(_)));
    if let Ok(nobody) = nobody {
        assert_eq!(nobody.status, 401);
    }
    assert!(
        log.lines()
            .iter()
            .all(|line| !line.contains("POST /api2/json/access/groups"))
    );
}

#[tokio::test]
async fn a_node_that_does_not_answer_is_said() {
    let lab = twin();
    let (preview, _) = previewing(&lab);
    let port = &preview.world.proxmox;
    let request = super::support::request(
        "POST /access/ticket username=root@pam&password=correct horse",
        &[],
    );
    let error = port.send("10.77.0.99", request).await.unwrap_err();
    assert!(matches!(error, PortError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn a_digest_that_was_read_below_is_no_conflict() {
    let lab = twin();
    let (preview, _) = previewing(&lab);
    let read = preview.root("pve1", "GET /storage/local").await.unwrap();
    assert_eq!(read.confidence, Confidence::Read);
    let digest = read.data()["digest"].as_str().unwrap();
    let line = format!("PUT /storage/local content=iso&digest={digest}");
    assert_eq!(preview.root("pve1", &line).await.unwrap().status, 200);
    let stale = "PUT /storage/local content=iso&digest=0000";
    assert_eq!(preview.root("pve1", stale).await.unwrap().status, 500);
    let read = preview.root("pve1", "GET /storage/local").await.unwrap();
    assert_eq!(read.data()["content"], "iso");
    assert_eq!(read.confidence, Confidence::Predicted);
}
