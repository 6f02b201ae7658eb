//! The lease of a live lab, as real shells keep it.

use super::{
    tests::{call, shells},
    *,
};
use crate::host::{
    Told as _, Verb,
    verb::{HELD, LeaseState},
};

const LEASE: &str = "pve/priv/homelab/lease";

async fn state(operator: &Operator) -> Option<LeaseState> {
    Option::<LeaseState>::of(&call(operator, Verb::LEASE, &[LEASE], b"").await).unwrap()
}

#[tokio::test]
async fn a_lease_is_had_by_one_in_every_shell() {
    let links = tempfile::tempdir().unwrap();
    for shell in shells(links.path()) {
        let root = tempfile::tempdir().unwrap();
        let operator = Operator::with_shell(root.path().to_owned(), shell.clone());
        assert_eq!(
            state(&operator).await,
            None,
            "{shell:?}: it's no node of Proxmox VE"
        );
        std::fs::create_dir_all(root.path().join("pve/priv")).unwrap();
        assert_eq!(state(&operator).await.unwrap().held, None, "{shell:?}");

        let take = async |over, owner: &str| {
            call(
                &operator,
                Verb::LEASE_TAKE,
                &[LEASE, over],
                owner.as_bytes(),
            )
            .await
            .status
        };
        assert_eq!(take("-", "a ann@desk, run of x\n").await, 0, "{shell:?}");
        let held = state(&operator).await.unwrap().held.unwrap();
        assert_eq!(
            (held.token.as_str(), held.name.as_str()),
            ("a", "ann@desk, run of x")
        );
        assert!(held.age < 60);
        for over in ["-", "c"] {
            assert_eq!(take(over, "b bob\n").await, HELD, "{shell:?} {over}");
        }

        let renew = async |token| {
            let owner = format!("{token} again\n");
            call(
                &operator,
                Verb::LEASE_RENEW,
                &[LEASE, token],
                owner.as_bytes(),
            )
            .await
            .status
        };
        assert_eq!((renew("a").await, renew("b").await), (0, 75), "{shell:?}");
        assert_eq!(state(&operator).await.unwrap().held.unwrap().name, "again");

        assert_eq!(take("a", "b bob\n").await, 0, "{shell:?}");
        let free = async |token| {
            call(&operator, Verb::LEASE_FREE, &[LEASE, token], b"")
                .await
                .status
        };
        assert_eq!((free("a").await, free("b").await), (75, 0), "{shell:?}");
        let left = std::fs::read_dir(root.path().join("pve/priv/homelab")).unwrap();
        assert_eq!(left.count(), 0, "{shell:?}");
    }
}

#[tokio::test]
async fn an_owner_that_has_not_written_himself_in_and_a_cluster_without_quorum_are_told() {
    let root = tempfile::tempdir().unwrap();
    let operator = Operator::new(root.path().to_owned());
    std::fs::create_dir_all(root.path().join(LEASE)).unwrap();
    let members =
        r#"{ "nodename": "pve1", "cluster": { "name": "lab", "nodes": 3, "quorate": 0 } }"#;
    std::fs::write(root.path().join("pve/.members"), members).unwrap();
    let state = state(&operator).await.unwrap();
    let held = state.held.unwrap();
    assert_eq!(
        (state.is_quorate, held.token.as_str(), held.name.as_str()),
        (false, "?", "somebody")
    );
    let taken = call(&operator, Verb::LEASE_TAKE, &[LEASE, "?"], b"a ann\n").await;
    assert_eq!((taken.status, taken.error.as_str()), (0, ""));
}
