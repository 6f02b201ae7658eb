//! A sequence of requests through a preview is answered as on the twin itself.

use super::support::{Got, PASSWORD, direct, previewing, twin};

/// Sends each line to both and compares: through the preview, and to another twin of the same lab.
async fn compare(lines: &[(&str, &str)]) {
    let (below, other) = (twin(), twin());
    let (before, then) = (below.export().unwrap(), below.world().unwrap().clock.now());
    let (preview, log) = previewing(&below);
    let real = direct(&other);
    for (node, line) in lines {
        let expected = real.done(node, line).await.unwrap();
        let got = match preview.done(node, line).await {
            Ok(got) => got,
            Err(error) => panic!("{node}: {line}: {error}"),
        };
        assert_eq!(
            got.comparable(),
            expected.comparable(),
            "{node}: {line}\n(the second is the twin's)"
        );
    }
    for line in log.lines() {
        assert!(
            line.starts_with("GET ") || line == "POST /api2/json/access/ticket",
            "{line}"
        );
    }
    assert_eq!(below.export().unwrap(), before, "the world below changed");
    assert_eq!(below.world().unwrap().clock.now(), then);
}

#[tokio::test]
async fn access() {
    compare(&[
        ("pve1", "GET /access/users"),
        ("pve1", "POST /access/groups groupid=admins&comment=people"),
        ("pve1", "POST /access/groups groupid=admins"),
        (
            "pve1",
            "POST /access/roles roleid=Runner&privs=VM.Audit,Sys.Audit",
        ),
        ("pve1", "GET /access/roles/Runner"),
        ("pve1", "GET /access/roles"),
        (
            "pve1",
            "POST /access/users userid=run@pve&groups=admins&comment=c",
        ),
        ("pve1", "GET /access/users/run@pve"),
        ("pve1", "GET /access/users full=1"),
        ("pve1", "GET /access/groups/admins"),
        ("pve1", "GET /access/groups"),
        (
            "pve1",
            "PUT /access/acl path=/vms&roles=Runner&groups=admins",
        ),
        (
            "pve1",
            "PUT /access/acl path=/vms&roles=Absent&groups=admins",
        ),
        (
            "pve1",
            "POST /access/users/run@pve/token/ci privsep=1&comment=x",
        ),
        ("pve1", "POST /access/users/run@pve/token/ci"),
        ("pve1", "GET /access/users/run@pve/token/ci"),
        (
            "pve1",
            "PUT /access/acl path=/vms&roles=Runner&tokens=run@pve!ci",
        ),
        ("pve1", "GET /access/acl"),
        ("pve1", "GET /access/permissions userid=run@pve!ci"),
        ("pve1", "GET /access/permissions userid=run@pve"),
        ("pve1", "PUT /access/users/run@pve/token/ci regenerate=1"),
        ("pve1", "POST /pools poolid=lab&comment=p"),
        ("pve1", "PUT /pools poolid=lab&storage=local"),
        ("pve1", "GET /pools"),
        ("pve1", "GET /pools poolid=lab"),
        ("pve1", "DELETE /access/roles/Runner"),
        ("pve1", "GET /access/acl"),
        ("pve1", "DELETE /access/users/run@pve"),
        ("pve1", "GET /access/users/run@pve"),
        ("pve1", "POST /access/users userid=bad"),
        ("pve1", "GET /access/users/nobody@pve"),
        ("pve1", "GET /nodes/pve9/status"),
        ("pve2", "GET /access/groups"),
    ])
    .await;
}

#[tokio::test]
async fn what_a_token_may_do_is_predicted() {
    let lab = twin();
    let (preview, _) = previewing(&lab);
    preview
        .root(
            "pve1",
            "POST /access/users userid=run@pve&password=hunter2-long",
        )
        .await
        .unwrap();
    let made = preview
        .root("pve1", "POST /access/users/run@pve/token/ci privsep=0")
        .await
        .unwrap();
    let secret = made.data()["value"].as_str().unwrap().to_owned();
    let token = format!("run@pve!ci={secret}");
    let version = preview.as_token("pve1", &token, "GET /version").await;
    let version = version.unwrap();
    assert_eq!(
        (version.status, &version.confidence),
        (200, &world::Confidence::Predicted)
    );
    let asked = || preview.as_token("pve1", &token, "GET /access/users/run@pve");
    assert_eq!(asked().await.unwrap().status, 200);
    let users = "GET /nodes/pve1/tasks/x";
    let denied = preview.as_token("pve1", &token, users).await.unwrap();
    assert_ne!(denied.status, 200);
    let wrong = preview.as_token("pve1", "run@pve!ci=wrong", "GET /version");
    assert_eq!(wrong.await.unwrap().status, 401);

    let login = preview.login("pve1", "run@pve", "hunter2-long").await;
    assert_eq!(
        (login.status, &login.confidence),
        (200, &world::Confidence::Predicted)
    );
    let own = preview
        .as_user("pve1", "run@pve", "GET /access/users/run@pve")
        .await
        .unwrap();
    assert_eq!(own.status, 200);
    let refused = preview.login("pve1", "run@pve", "another").await;
    assert_eq!(refused.status, 401);
    let real = preview.login("pve1", "root@pam", PASSWORD).await;
    assert_eq!(real.confidence, world::Confidence::Read);
}

#[tokio::test]
async fn says_how_sure_it_is() {
    let lab = twin();
    let (preview, log) = previewing(&lab);
    let sure = |got: &Got| got.confidence == world::Confidence::Read;
    let root = |line: &'static str| preview.root("pve1", line);
    assert!(sure(&root("GET /access/users/root@pam").await.unwrap()));
    root("POST /access/groups groupid=one").await.unwrap();
    assert!(sure(&root("GET /access/users/root@pam").await.unwrap()) == false);
    assert!(sure(&root("GET /access/roles").await.unwrap()));
    assert!(!sure(&root("GET /access/groups").await.unwrap()));
    root("DELETE /access/groups/one").await.unwrap();
    assert!(
        sure(&root("GET /access/groups").await.unwrap()),
        "all is as it was"
    );
    let asked = log.lines().len();
    root("GET /access/groups").await.unwrap();
    assert_eq!(log.lines().len(), asked, "nothing is asked twice");
}

#[tokio::test]
async fn what_is_not_modelled_is_said() {
    let lab = twin();
    let (preview, log) = previewing(&lab);
    let write = preview.root("pve1", "POST /cluster/acme/account contact=x@y.test");
    let error = write.await.unwrap_err().to_string();
    assert!(
        error.contains("what POST /cluster/acme/account does, which isn't modelled"),
        "{error}"
    );
    let read = preview.root("pve1", "GET /cluster/acme/account").await;
    assert_eq!(read.unwrap().status, 501, "the twin's own answer");
    assert!(
        log.lines()
            .iter()
            .all(|line| !line.contains("POST /api2/json/cluster"))
    );
    let bare = preview.bare("pve1", "GET /version").await.unwrap();
    assert_eq!(bare.status, 401);
    let bare = preview.bare("pve1", "GET /access/domains").await.unwrap();
    assert_eq!(bare.status, 200);
}
