//! The lease of a live lab, on the hosts of a twin: the same calls as on nodes, in the same file system of a cluster.

#![expect(
    clippy::unwrap_used,
    reason = "what a test can't set up is a failed test"
)]

use std::{path::Path, sync::Arc, time::Duration};

use homelab_twin::{
    LabFacts, Options, Start, Twin,
    fault::{Fault, Happens},
};
use tempfile::TempDir;
use world::{
    World,
    docs::Docs,
    host::Destination,
    lease::{Claim, LeaseError, LiveLease, Port as _},
};

/// A lab whose three nodes are installed.
fn lab() -> (Twin, World) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let facts = LabFacts::from_docs(&Docs::load(&path).unwrap()).unwrap();
    let twin = Twin::open(None, facts, Start::installed(), Options::default()).unwrap();
    let world = twin.world().unwrap();
    (twin, world)
}

/// Somebody at a machine of his own, with a copy of the lab.
struct Person {
    claim: Claim,
    lease: LiveLease,
    _folder: TempDir,
}

impl Person {
    fn new(name: &str, world: &World) -> Self {
        let folder = TempDir::new().unwrap();
        let nodes =
            (1..=3).map(|node| Destination::new(format!("pve{node}"), format!("10.10.10.1{node}")));
        // Each has connections of his own.
        let lease = LiveLease::new(
            folder.path(),
            Arc::clone(&world.hosts),
            Arc::clone(&world.clock),
            nodes.collect(),
        );
        Self {
            claim: Claim {
                owner: name.to_owned(),
                ..Claim::default()
            },
            lease: lease.of_owner(&format!("token-of-{name}")),
            _folder: folder,
        }
    }

    async fn take(&self) -> Result<(), LeaseError> {
        assert_eq!(self.lease.take(&self.claim).await?, [] as [&str; 0]);
        Ok(())
    }
}

#[tokio::test]
async fn two_people_cannot_work_in_one_lab_at_once() {
    let (twin, world) = lab();
    let before = twin.export().unwrap();
    let [ann, bob] = ["ann", "bob"].map(|name| Person::new(name, &world));
    assert_eq!(ann.lease.owner().await.unwrap(), None);
    ann.take().await.unwrap();
    ann.lease.held().await.unwrap();
    assert_eq!(bob.take().await, Err(LeaseError::Held("ann".to_owned())));
    assert_eq!(bob.lease.owner().await.unwrap().as_deref(), Some("ann"));
    // It's no change of the lab.
    assert_eq!(twin.export().unwrap(), before);
    ann.lease.release().await.unwrap();
    bob.take().await.unwrap();
    bob.lease.held().await.unwrap();
}

#[tokio::test]
async fn an_owner_without_a_sign_of_life_is_dead_after_ten_minutes_and_taken_over_by_a_question() {
    let (twin, world) = lab();
    let [ann, mut bob] = ["ann", "bob"].map(|name| Person::new(name, &world));
    ann.take().await.unwrap();
    twin.pass(Duration::from_secs(500)).unwrap();
    ann.lease.renew().await;
    twin.pass(Duration::from_secs(500)).unwrap();
    assert_eq!(bob.take().await, Err(LeaseError::Held("ann".to_owned())));
    twin.pass(Duration::from_secs(160)).unwrap();
    let dead = bob.take().await.unwrap_err();
    let (question, key) = dead.question().unwrap();
    assert_eq!(
        question,
        "ann has this lab's lease, and gave no sign of life for 11 minutes. Take it over?"
    );
    bob.claim.agreed.push(key.to_owned());
    bob.take().await.unwrap();
    // Whoever was thought dead writes no more.
    assert_eq!(
        ann.lease.held().await,
        Err(LeaseError::Lost("bob".to_owned()))
    );
    ann.lease.renew().await;
    assert_eq!(
        ann.lease.held().await,
        Err(LeaseError::Lost("bob".to_owned()))
    );
    ann.lease.release().await.unwrap();
    bob.lease.held().await.unwrap();
}

#[tokio::test]
async fn a_node_that_comes_later_gets_the_lease_when_it_is_renewed() {
    let (twin, world) = lab();
    twin.add_fault(&Fault::always(Happens::Lost {
        node: "pve3".to_owned(),
    }))
    .unwrap();
    let [ann, bob] = ["ann", "bob"].map(|name| Person::new(name, &world));
    ann.take().await.unwrap();
    twin.clear_faults().unwrap();
    ann.lease.renew().await;
    for node in ["pve1", "pve2"] {
        twin.add_fault(&Fault::always(Happens::Lost {
            node: node.to_owned(),
        }))
        .unwrap();
    }
    // Before there is a cluster, each node that answers has it.
    assert_eq!(bob.take().await, Err(LeaseError::Held("ann".to_owned())));
}

#[tokio::test]
async fn a_lease_that_somebody_removed_is_lost() {
    let (_twin, world) = lab();
    let [ann, mut bob] = ["ann", "bob"].map(|name| Person::new(name, &world));
    ann.take().await.unwrap();
    bob.claim.agreed.push("token-of-ann".to_owned());
    bob.take().await.unwrap();
    bob.lease.release().await.unwrap();
    assert_eq!(
        ann.lease.held().await,
        Err(LeaseError::Lost("nobody".to_owned()))
    );
}

#[tokio::test]
async fn without_quorum_it_is_said_and_asked() {
    let (twin, world) = lab();
    twin.add_fault(&Fault::always(Happens::NoQuorum)).unwrap();
    let mut ann = Person::new("ann", &world);
    for node in ["pve1", "pve2", "pve3"] {
        let refused = ann.take().await.unwrap_err();
        let (question, key) = refused.question().unwrap();
        assert!(
            question.starts_with(&format!("the cluster of {node} has no quorum")),
            "{question}"
        );
        ann.claim.agreed.push(key.to_owned());
    }
    ann.take().await.unwrap();
    ann.lease.held().await.unwrap();
}

#[tokio::test]
async fn while_no_node_answers_it_holds_until_it_counts_as_dead() {
    let (twin, world) = lab();
    let ann = Person::new("ann", &world);
    ann.take().await.unwrap();
    for node in ["pve1", "pve2", "pve3"] {
        twin.add_fault(&Fault::always(Happens::Lost {
            node: node.to_owned(),
        }))
        .unwrap();
    }
    ann.lease.held().await.unwrap();
    twin.pass(Duration::from_secs(601)).unwrap();
    assert!(matches!(ann.lease.held().await, Err(LeaseError::Lost(_))));
}
