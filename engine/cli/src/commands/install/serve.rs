//! `homelab install serve`.

use std::{collections::BTreeSet, net::SocketAddr};

use clap::Args;
use futures_util::future::select_all;
use runbook::failure::{Class, Failure};
use world::install::{HttpInstaller, InstallError, Installer as _, Offer, Offered};

use super::prepare;
use crate::{
    exit::{Exit, Stop},
    interrupt, lab_docs, report,
    session::Session,
    settings::Settings,
};

/// Give answer files over HTTP until Ctrl-C; print who asked and what was given
///
/// Nodes that answer are left out: only machines without a system get a file, each once. A run that waits for bare
/// nodes serves them itself; this command is for installing without a run.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    /// The address and port to listen on. Without it HOMELAB_LISTEN, else `Answer server` in docs/NETWORK.md, Settings
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  homelab install serve                             at the address that docs/NETWORK.md names
  homelab install serve --listen 10.10.10.5:8100    the medium was prepared with --url http://10.10.10.5:8100/";

/// Runs the command.
///
/// # Errors
/// The docs don't make an answer file, or the address can't be listened on.
pub(crate) fn run(args: &ServeArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let listen = match &args.listen {
        Some(given) => Some(lab_docs::address(given, "after --listen")?),
        None => lab_docs::listen(&session, &session.docs()?)?,
    };
    let listen = listen.ok_or_else(|| refused(&InstallError::NoAddress))?;
    let offers = prepare::offers(&session)?;
    if offers.is_empty() {
        report::print("Every node answers: there is nothing to install.\n");
        return Ok(Exit::Success);
    }
    session.runtime.block_on(serve(listen, offers))
}

async fn serve(listen: SocketAddr, offers: Vec<Offer>) -> Result<Exit, Stop> {
    let installer = HttpInstaller::new(Some(listen));
    let nodes: Vec<String> = offers.iter().map(|offer| offer.node.clone()).collect();
    let mut offered = Vec::new();
    for offer in offers {
        let laid = installer.offer(offer).await;
        offered.push(laid.map_err(|error| refused(&error))?);
    }
    report::print(&format!(
        "Answer files for {} at http://{listen}/\nCtrl-C ends it.\n",
        nodes.join(", ")
    ));
    loop {
        let asked = select_all(offered.iter().map(|offered| Box::pin(offered.asked())));
        tokio::select! {
            _ = asked => tell(&offered),
            _ = interrupt::wait() => return Ok(Exit::Success),
        }
    }
}

/// Prints who asked. Of a stranger every offer hears: it's told once.
fn tell(offered: &[Offered]) {
    let asked: Vec<String> = offered
        .iter()
        .flat_map(Offered::take)
        .map(|asked| asked.to_string())
        .collect();
    let mut told = BTreeSet::new();
    for line in asked {
        if told.insert(line.clone()) {
            report::print(&format!("{line}\n"));
        }
    }
}

fn refused(error: &InstallError) -> Failure {
    Failure::of(error.code(), error)
        .class(Class::Refused)
        .help(error.help())
}
