//! What the model answers to a cell's own reads is what they were answered below: `answer(load(x)) == x`.

use std::sync::Arc;

use super::{
    super::{
        cells::{self, Vantage},
        driver::Preview,
        reader::Reading,
    },
    support::{Client, Got, PASSWORD, direct, facts, model, request, twin},
};

const NODES: [&str; 3] = ["pve1", "pve2", "pve3"];

/// States of a lab, each with what leads to it from the one before.
const STATES: &[(&str, &[&str])] = &[
    (
        "with rights",
        &[
            "POST /access/groups groupid=admins&comment=people",
            "POST /access/roles roleid=Runner&privs=VM.Audit,Sys.Audit",
            "POST /access/users userid=run@pve&groups=admins&comment=c&email=a@b.test",
            "POST /access/users/run@pve/token/ci privsep=1&comment=x",
            "PUT /access/acl path=/vms&roles=Runner&groups=admins",
            "PUT /access/acl path=/&roles=PVEAuditor&tokens=run@pve!ci&propagate=0",
            "POST /pools poolid=lab&comment=p",
            "POST /pools poolid=lab/inner",
            "PUT /pools poolid=lab&storage=local",
        ],
    ),
    (
        "with storages, disks and jobs",
        &[
            "POST /storage storage=nas&type=nfs&server=10.77.0.50&export=/volume/proxmox&content=iso,backup",
            "POST /storage storage=san&type=iscsi&portal=10.77.0.60&target=iqn.2000-01.test:lab&content=none",
            "POST /nodes/pve1/disks/zfs name=tank&devices=/dev/sdb&raidlevel=single&add_storage=1",
            "POST /nodes/pve1/storage/local/content filename=vm-100-disk-0.raw&size=1G&vmid=100",
            "POST /cluster/backup id=nightly&schedule=02:00&storage=nas&all=1&prune-backups=keep-last=3",
            "POST /cluster/mapping/pci id=gpu&map=node=pve1,path=0000:01:00.0,id=10de:27b2,iommugroup=12,subsystem-id=10de:181b",
            "PUT /cluster/options keyboard=de&registered-tags=b;a&description=d&migration=type=secure",
        ],
    ),
    (
        "with a staged network",
        &[
            "POST /nodes/pve1/network iface=vmbr1&type=bridge&autostart=1&bridge_vlan_aware=1&bridge_ports=eno2",
            "PUT /nodes/pve1/network/vmbr0 type=bridge&bridge_ports=eno1&cidr=10.77.0.1/24&autostart=1&comments=c",
            "PUT /nodes/pve1/dns search=lab.test&dns1=10.77.0.254",
            "PUT /nodes/pve1/time timezone=Europe/Berlin",
            "PUT /nodes/pve1/config description=x",
            "POST /nodes/pve1/services/cron/stop",
        ],
    ),
    (
        "with an applied network and a cluster",
        &[
            "PUT /nodes/pve1/network",
            "POST /cluster/config clustername=lab&link0=10.77.0.1",
        ],
    ),
];

/// A model over a twin, logged in as root on every node.
async fn ready(twin: &crate::Twin) -> Arc<Preview> {
    let model = model(twin);
    for number in 1..=NODES.len() {
        let address = format!("10.77.0.{number}");
        let line = format!("POST /access/ticket username=root@pam&password={PASSWORD}");
        let response = model.answer(&address, request(&line, &[])).await.unwrap();
        let ticket = Reading::of(&response).data["ticket"].clone();
        let cookie = (
            "cookie",
            format!("PVEAuthCookie={}", ticket.as_str().unwrap()),
        );
        let get = request("GET /version", &[cookie]);
        let version = model.answer(&address, get).await.unwrap();
        assert_eq!(version.status(), 200);
    }
    model
}

/// Every path that the cells read, node by node, by what is answered to `client`.
async fn paths(client: &Client) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    for node in NODES {
        let place = Vantage {
            node: node.to_owned(),
            appliances: facts().appliances,
        };
        for cell in cells::all() {
            let mut answers = Vec::new();
            loop {
                let next = (cell.reads)(&place, &answers);
                if next.is_empty() {
                    break;
                }
                for path in next {
                    let got = client.root(node, &format!("GET {path}")).await.unwrap();
                    answers.push(Reading {
                        status: got.status,
                        reason: got.reason.clone(),
                        data: got.data().clone(),
                        changes: got.body["changes"].as_str().map(str::to_owned),
                    });
                    paths.push((node.to_owned(), path));
                }
            }
        }
    }
    paths
}

/// Compares every read of every cell, and what else is made of their rows.
async fn holds(twin: &crate::Twin, state: &str) {
    const MORE: &[&str] = &[
        "/access/permissions?userid=run@pve",
        "/access/permissions?userid=run@pve!ci",
        "/access/users/root@pam",
        "/access/users/run@pve",
        "/access/users/run@pve/token",
        "/access/groups/admins",
        "/cluster/config/join",
        "/cluster/nextid",
        "/cluster/resources",
        "/cluster/status",
        "/nodes",
        "/nodes/{node}/disks/list",
        "/nodes/{node}/network/vmbr0",
        "/nodes/{node}/hardware/pci",
        "/nodes/{node}/storage",
        "/storage/nas",
    ];
    let client = direct(twin);
    // Until the daemons' next report lists don't know what is new.
    let wait = std::time::Duration::from_secs(15);
    client.world.clock.sleep(wait).await;
    let model = ready(twin).await;
    let mut all = paths(&client).await;
    for node in NODES {
        let named = |path: &&str| (node.to_owned(), path.replace("{node}", node));
        all.extend(MORE.iter().map(named));
    }
    for (node, path) in all {
        let line = format!("GET {path}");
        let expected = client.root(&node, &line).await.unwrap();
        let asked = request(&line, &[]);
        let parts: Vec<&str> = path.split(['/', '?']).skip(1).collect();
        let ran = match model.run(&node, "root@pam", &asked).await {
            Ok(ran) => model.measured(&parts, ran).await,
            Err(error) => Err(error),
        };
        let got = match ran {
            Ok(ran) => Got::of(&ran.response),
            Err(error) => panic!("{state}: {node}: {line}: {error}"),
        };
        assert_eq!(
            got.comparable(),
            expected.comparable(),
            "{state}: {node}: {line}\n(the second is the twin's)"
        );
    }
}

#[tokio::test]
async fn the_model_answers_a_cells_reads_as_they_were_answered() {
    let twin = twin();
    holds(&twin, "at the start").await;
    let client = direct(&twin);
    for (state, lines) in STATES {
        for line in *lines {
            let got = client.done("pve1", line).await.unwrap();
            assert_eq!(got.status, 200, "{line}: {got:?}");
        }
        holds(&twin, state).await;
    }
    let info = client.root("pve1", "GET /cluster/config/join").await;
    let info = info.unwrap();
    let fingerprint = info.data()["nodelist"][0]["pve_fp"].as_str().unwrap();
    let line = format!(
        "POST /cluster/config/join hostname=10.77.0.1&fingerprint={}&password={PASSWORD}&link0=10.77.0.2",
        fingerprint.replace(':', "%3A")
    );
    let joined = client.done("pve2", &line).await.unwrap();
    assert_eq!(joined.data()["exitstatus"], "OK");
    holds(&twin, "with two members").await;
}
