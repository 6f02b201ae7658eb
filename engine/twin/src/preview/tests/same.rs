//! A sequence of requests through a preview is answered as on the twin itself.

use std::time::Duration;

use super::support::{Got, PASSWORD, direct, previewing, twin};

/// Sends each line to both and compares: through the preview, and to another twin of the same lab.
async fn compare(lines: &[(&str, &str)]) {
    let (below, other) = (twin(), twin());
    let (before, then) = (below.export().unwrap(), below.world().unwrap().clock.now());
    let (preview, log) = previewing(&below);
    let real = direct(&other);
    for (node, line) in lines {
        if *line == "WAIT" {
            wait(&[&real, &preview]).await;
            continue;
        }
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

/// Lets lists show what's new: they do at the daemons' next report, in a preview at once.
async fn wait(clients: &[&super::support::Client]) {
    for client in clients {
        client.world.clock.sleep(Duration::from_secs(15)).await;
    }
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

/// What root lets a user and its token do is answered to them as on the twin itself.
#[tokio::test]
async fn what_a_token_may_do_is_predicted() {
    let (below, other) = (twin(), twin());
    let (preview, log) = previewing(&below);
    let real = direct(&other);
    for client in [&preview, &real] {
        for line in [
            "POST /access/users userid=run@pve&password=hunter2-long",
            "POST /access/roles roleid=Runner&privs=Sys.Audit,User.Modify",
            "PUT /access/acl path=/&roles=Runner&users=run@pve",
        ] {
            assert_eq!(client.root("pve1", line).await.unwrap().status, 200);
        }
        let login = client.login("pve1", "run@pve", "hunter2-long").await;
        assert_eq!(login.status, 200);
        assert_eq!(client.login("pve1", "run@pve", "other").await.status, 401);
    }
    let tokens = futures_util::future::join_all([&preview, &real].map(async |client| {
        let line = "POST /access/users/run@pve/token/ci privsep=1";
        let made = client.root("pve1", line).await.unwrap();
        let secret = made.data()["value"].as_str().unwrap().to_owned();
        let line = "PUT /access/acl path=/nodes&roles=Runner&tokens=run@pve!ci";
        client.root("pve1", line).await.unwrap();
        format!("run@pve!ci={secret}")
    }))
    .await;
    for line in [
        "GET /version",
        "GET /access/permissions",
        "GET /access/users/run@pve",
        "GET /access/users",
        "GET /access/acl",
        "GET /nodes/pve1/dns",
        "GET /nodes/pve1/storage",
        "GET /cluster/options",
        "POST /access/groups groupid=x",
        "PUT /nodes/pve1/dns search=lab.test",
    ] {
        let expected = real.as_token("pve1", &tokens[1], line).await.unwrap();
        let got = preview.as_token("pve1", &tokens[0], line).await.unwrap();
        assert_eq!(got.comparable(), expected.comparable(), "token: {line}");
        assert_eq!(got.confidence, world::Confidence::Predicted, "{line}");
        let expected = real.as_user("pve1", "run@pve", line).await.unwrap();
        let got = preview.as_user("pve1", "run@pve", line).await.unwrap();
        assert_eq!(got.comparable(), expected.comparable(), "user: {line}");
    }
    let wrong = preview.as_token("pve1", "run@pve!ci=wrong", "GET /version");
    assert_eq!(wrong.await.unwrap().status, 401);
    let real = preview.login("pve1", "root@pam", PASSWORD).await;
    assert_eq!(real.confidence, world::Confidence::Read);
    assert!(
        log.lines()
            .iter()
            .all(|line| line.starts_with("GET ") || line.ends_with("/access/ticket"))
    );
}

#[tokio::test]
async fn says_how_sure_it_is() {
    let lab = twin();
    let (preview, log) = previewing(&lab);
    let sure = |got: &Got| got.confidence == world::Confidence::Read;
    let root = |line: &'static str| preview.root("pve1", line);
    assert!(sure(&root("GET /access/users/root@pam").await.unwrap()));
    root("POST /access/groups groupid=one").await.unwrap();
    assert!(!sure(&root("GET /access/users/root@pam").await.unwrap()));
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

#[tokio::test]
async fn network() {
    compare(&[
        ("pve1", "GET /nodes/pve1/network"),
        ("pve1", "POST /nodes/pve1/network iface=vmbr1&type=bridge&autostart=1&bridge_vlan_aware=1&bridge_ports=eno2"),
        ("pve1", "GET /nodes/pve1/network"),
        ("pve1", "GET /nodes/pve1/network/vmbr1"),
        ("pve1", "POST /nodes/pve1/network iface=vmbr1.20&type=vlan&cidr=10.20.0.1/24&autostart=1"),
        ("pve1", "PUT /nodes/pve1/network/vmbr0 type=bridge&bridge_ports=eno1&cidr=10.77.0.1/24&autostart=1&comments=c"),
        ("pve1", "GET /nodes/pve1/network"),
        ("pve1", "PUT /nodes/pve1/network"),
        ("pve1", "GET /nodes/pve1/network"),
        ("pve1", "GET /nodes/pve1/tasks typefilter=srvreload&source=all"),
        ("pve1", "POST /nodes/pve1/network iface=bond0&type=bond&slaves=eno2&bond_mode=802.3ad"),
        ("pve1", "DELETE /nodes/pve1/network"),
        ("pve1", "GET /nodes/pve1/network"),
        ("pve1", "GET /nodes/pve1/dns"),
        ("pve1", "PUT /nodes/pve1/dns search=lab.test&dns1=10.77.0.254"),
        ("pve1", "GET /nodes/pve1/dns"),
        ("pve1", "PUT /nodes/pve1/time timezone=Europe/Berlin"),
        ("pve1", "GET /nodes/pve1/time"),
        ("pve1", "PUT /nodes/pve1/config description=x"),
        ("pve1", "GET /nodes/pve1/config"),
        ("pve1", "GET /nodes/pve1/hosts"),
        ("pve1", "POST /nodes/pve1/services/cron/stop"),
        ("pve1", "GET /nodes/pve1/services"),
    ])
    .await;
}

#[tokio::test]
async fn storage() {
    compare(&[
        ("pve1", "GET /storage"),
        ("pve1", "POST /storage storage=nas&type=nfs&server=10.77.0.50&export=/volume/proxmox&content=iso,backup"),
        ("pve1", "GET /storage/nas"),
        ("pve1", "GET /storage"),
        ("pve1", "GET /nodes/pve1/storage"),
        ("pve1", "GET /nodes/pve1/storage/nas/status"),
        ("pve1", "POST /storage storage=nas2&type=nfs&server=10.77.0.50&export=/absent&content=iso"),
        ("pve1", "POST /storage storage=nas3&type=nfs&server=10.77.0.51&export=/volume&content=iso"),
        ("pve1", "PUT /storage/nas content=iso&prune-backups=keep-last=3"),
        ("pve1", "POST /storage storage=san&type=iscsi&portal=10.77.0.60&target=iqn.2000-01.test:lab&content=none"),
        ("pve1", "GET /nodes/pve1/storage/san/content"),
        ("pve1", "POST /storage storage=zfs&type=zfspool&pool=tank"),
        ("pve1", "GET /nodes/pve1/disks/list"),
        ("pve1", "POST /nodes/pve1/disks/lvmthin device=/dev/sdb&name=fast&add_storage=1"),
        ("pve1", "GET /nodes/pve1/disks/list include-partitions=1"),
        ("pve1", "GET /nodes/pve1/disks/lvmthin"),
        ("pve1", "GET /nodes/pve1/disks/lvm"),
        ("pve1", "GET /storage"),
        ("pve1", "GET /nodes/pve1/storage/local/content"),
        ("pve1", "WAIT"),
        ("pve1", "GET /cluster/resources type=storage"),
        ("pve1", "POST /cluster/backup id=nightly&schedule=02:00&storage=nas&all=1"),
        ("pve1", "GET /cluster/backup"),
        ("pve1", "GET /cluster/backup/nightly"),
        ("pve1", "GET /nodes/pve1/hardware/pci"),
        ("pve1", "POST /cluster/mapping/pci id=gpu&map=node=pve1,path=0000:01:00.0,id=10de:27b2,iommugroup=12,subsystem-id=10de:181b"),
        ("pve1", "GET /cluster/mapping/pci"),
        ("pve1", "GET /cluster/mapping/pci check-node=pve1"),
        ("pve1", "PUT /cluster/options keyboard=de&registered-tags=a;b"),
        ("pve1", "GET /cluster/options"),
        ("pve1", "DELETE /storage/nas"),
        ("pve1", "GET /storage"),
    ])
    .await;
}

/// The fingerprint and address by which a member is joined, as it says them.
async fn door(client: &super::support::Client) -> String {
    let info = client
        .root("pve1", "GET /cluster/config/join")
        .await
        .unwrap();
    let node = &info.data()["nodelist"][0];
    let fingerprint = node["pve_fp"].as_str().unwrap().replace(':', "%3A");
    format!("hostname=10.77.0.1&fingerprint={fingerprint}")
}

/// Three nodes become a cluster; `{door}` is how its first node is joined.
const CLUSTER: &[(&str, &str)] = &[
    ("pve2", "GET /cluster/status"),
    ("pve1", "POST /access/groups groupid=early"),
    ("pve2", "POST /access/groups groupid=lost"),
    (
        "pve1",
        "POST /cluster/config clustername=lab&link0=10.77.0.1",
    ),
    ("pve1", "GET /cluster/status"),
    ("pve1", "POST /cluster/config clustername=lab"),
    ("pve1", "DOORS"),
    ("pve2", "POST /cluster/config/join {door}&password=wrong"),
    (
        "pve2",
        "POST /cluster/config/join {door}&password=correct horse&link0=10.77.0.2",
    ),
    ("pve2", "GET /cluster/status"),
    ("pve1", "GET /cluster/status"),
    ("pve1", "GET /cluster/config/nodes"),
    ("pve2", "GET /access/groups"),
    ("pve2", "POST /access/groups groupid=late"),
    ("pve1", "GET /access/groups"),
    ("pve2", "GET /storage"),
    // The others get through to a new member some seconds later, which a preview doesn't wait for.
    ("pve1", "WAIT"),
    ("pve1", "GET /nodes/pve2/network"),
    ("pve2", "GET /nodes/pve1/dns"),
    (
        "pve3",
        "POST /cluster/config/join {door}&password=correct horse&link0=10.77.0.3",
    ),
    ("pve3", "GET /cluster/status"),
    ("pve3", "GET /access/groups"),
    ("pve1", "WAIT"),
    (
        "pve2",
        "PUT /nodes/pve3/network/vmbr0 type=bridge&bridge_ports=eno1&cidr=10.77.0.3/24&autostart=1&bridge_vlan_aware=1",
    ),
    ("pve3", "GET /nodes/pve3/network"),
    ("pve1", "PUT /nodes/pve3/network"),
    ("pve1", "GET /nodes/pve3/network"),
    ("pve2", "GET /nodes/pve2/version"),
    ("pve3", "GET /nodes/pve3/disks/list"),
    ("pve1", "WAIT"),
    ("pve1", "GET /nodes"),
    ("pve1", "GET /cluster/resources type=node"),
];

#[tokio::test]
async fn cluster() {
    let (below, other) = (twin(), twin());
    let before = below.export().unwrap();
    let (preview, log) = previewing(&below);
    let real = direct(&other);
    let mut doors: Option<(String, String)> = None;
    for (node, line) in CLUSTER.iter().copied() {
        if line == "DOORS" {
            doors = Some((door(&real).await, door(&preview).await));
            continue;
        }
        if line == "WAIT" {
            wait(&[&real, &preview]).await;
            continue;
        }
        let (own, predicted) = doors.clone().unwrap_or_default();
        let expected = real
            .done(node, &line.replace("{door}", &own))
            .await
            .unwrap();
        let got = match preview
            .done(node, &line.replace("{door}", &predicted))
            .await
        {
            Ok(got) => got,
            Err(error) => panic!("{node}: {line}: {error}"),
        };
        assert_eq!(
            got.comparable(),
            expected.comparable(),
            "{node}: {line}\n(the second is the twin's)"
        );
    }
    assert_eq!(below.export().unwrap(), before);
    assert!(
        log.lines()
            .iter()
            .all(|line| line.starts_with("GET ") || line == "POST /api2/json/access/ticket")
    );
}
