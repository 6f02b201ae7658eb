//! The answer files of the nodes that don't answer: the operation that installs them runs in a preview, whose
//! installer port keeps what it's handed.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use runbook::{
    event::{Event, Sink},
    gate::Open,
    options::Options,
};
use world::install::{InstallError, Installer, Offer, Offered};

use crate::{
    exit::Stop,
    flags::{HostFlags, TalkFlags},
    invoke::{self, Stage, Turn},
    lab_world::{self, WorldChoice},
    report::{Printer, Screen},
    session::{Runbook, Session},
};

/// Plans the installation of every node.
const SOURCE: &str = r#"runbook("install", "1.0.0");
import "stdlib/install" as install;

let nodes = facts::table("HARDWARE", "Nodes");
proxmox::connect(#{ nodes: nodes, user: "root@pam", password: secret("PROXMOX_PASSWORD") });

step("install", "Make the answer file of every node that doesn't answer", || {
    parallel(nodes, |node| proxmox::node::install(install::wanted(node, secret("PROXMOX_PASSWORD"))))
});
"#;

/// An installer port that keeps what it's handed.
struct Keeping {
    below: Arc<dyn Installer>,
    kept: Arc<Mutex<Vec<Offer>>>,
}

impl Installer for Keeping {
    fn offer(&self, offer: Offer) -> BoxFuture<'_, Result<Offered, InstallError>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(offer.clone());
        drop(kept);
        self.below.offer(offer)
    }
}

/// Says nothing of the plan itself; its failures are reported at its end.
struct Quiet;

impl Sink for Quiet {
    fn take(&self, _event: &Event) {}
}

impl Screen for Quiet {
    fn pause(&self, ask: &mut dyn FnMut()) {
        ask();
    }
}

/// The answer files of the lab's nodes that don't answer, by node; only reads are sent.
///
/// # Errors
/// Docs or environment lack something, or a node that answers can't be worked with.
pub(super) fn offers(session: &Session<'_>) -> Result<Vec<Offer>, Stop> {
    let runbook = Runbook {
        file: "homelab-install.rhai".to_owned(),
        source: SOURCE.to_owned(),
    };
    let stage = Stage::open(
        session,
        WorldChoice::Live,
        std::slice::from_ref(&runbook),
        &HostFlags::default(),
    )?;
    let mut world = lab_world::preview(stage.world.clone(), &stage.docs)?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    world.installer = Arc::new(Keeping {
        below: Arc::clone(&world.installer),
        kept: Arc::clone(&kept),
    });
    let turn = Turn {
        options: Options {
            plan: true,
            ..Options::default()
        },
        talk: &TalkFlags::default(),
        printer: &Printer {
            sink: Arc::new(Quiet),
            screen: Arc::new(Quiet),
        },
        gate: Arc::new(Open),
    };
    let outcome = stage.execute(&runbook, world, turn)?;
    invoke::conclude(&outcome, session)?;
    let mut offers = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    offers.sort_by(|a, b| a.node.cmp(&b.node));
    Ok(offers)
}
