//! `homelab twin serve`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use runbook::failure::Failure;
use twin::{Manner, Served, Url, request_log::RequestLog};
use world::code;

use crate::{
    exit::{Exit, Stop, refused},
    interrupt,
    lab_world::{self, twin_failure},
    report,
    served::ServedLine,
    session::Session,
    settings::Settings,
};

/// Serve each node's HTTPS API on this machine, until Ctrl-C
///
/// Each node has a port on loopback and a certificate of its own. Ports and password stay over `twin reset`. The nodes
/// accept the password that is printed, and those that the lab's environment gives.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    /// The first node's port; the others follow. Without it the ports of the last time, or free ones
    #[arg(long, value_name = "N")]
    base_port: Option<u16>,

    /// Let time pass X times as fast as real time; without it a running task moves on when it's asked about
    #[arg(long, value_name = "X", value_parser = time_scale)]
    time_scale: Option<f64>,

    /// Add a line to FILE for every request: node, method, path
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Let bare machines ask for their answer files at URL, as http://127.0.0.1:8100/, until they have been answered
    #[arg(long, value_name = "URL")]
    answers: Option<Url>,

    /// Print one JSON line with addresses, fingerprints, user, password and homelab's own SSH key
    #[arg(long)]
    json: bool,
}

/// How often a bare machine asks for its answer file.
const ASKS: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  homelab twin serve                              for a browser or any other client
  homelab twin serve --json > serve.json &        for `homelab run RUNBOOK --via serve.json`
  homelab twin serve --base-port 8106 --time-scale 10
  homelab twin serve --answers http://127.0.0.1:8100/   with `homelab install serve --listen 127.0.0.1:8100`";

fn time_scale(text: &str) -> Result<f64, String> {
    let scale = text
        .parse::<f64>()
        .ok()
        .filter(|scale| scale.is_finite() && *scale > 0.0);
    scale.ok_or_else(|| "it's a number above 0".to_owned())
}

/// Runs the command.
///
/// # Errors
/// The docs don't make a twin, or a port is taken.
pub(crate) fn run(args: &ServeArgs, settings: &Settings) -> Result<Exit, Stop> {
    let session = Session::open(settings)?;
    let docs = session.docs()?;
    let environment = session.environment(session.all_names())?.rehearsal(true);
    let twin = lab_world::open_twin(&session, &docs, &environment)?;
    let log = args
        .log
        .as_deref()
        .map(|file| open_log(&settings.folder.join(file)));
    let log = log.transpose()?;
    session.runtime.block_on(async {
        let manner = Manner {
            base_port: args.base_port,
            time_scale: args.time_scale,
            log,
            answers: args.answers.clone(),
            asks: args.answers.is_some().then_some(ASKS),
        };
        let served = twin::serve::serve(&twin, manner).await;
        let mut served = served.map_err(|error| twin_failure(&error))?;
        report::print(&if args.json {
            as_json(&served)?
        } else {
            lines(&served)
        });
        tokio::select! {
            () = served.wait() => {}
            _ = interrupt::wait() => {}
        }
        Ok(Exit::Success)
    })
}

fn open_log(path: &Path) -> Result<RequestLog, Failure> {
    RequestLog::open(path).map_err(|error| {
        refused(
            code::lab::unwritable,
            format!("{} can't be written", path.display()),
        )
        .cause(error.to_string())
        .help("name a file in a folder that you may write to")
    })
}

fn as_json(served: &Served) -> Result<String, Failure> {
    let line = ServedLine {
        password: Some(served.password.clone()),
        ..ServedLine::of(served)
    };
    let text =
        serde_json::to_string(&line).map_err(|error| Failure::of(code::twin::store, &error))?;
    Ok(format!("{text}\n"))
}

fn lines(served: &Served) -> String {
    let mut text = format!("Serving {}\n", served.world);
    for node in &served.nodes {
        text.push_str(&format!(
            "  {:<12} {}  {}\n",
            node.name, node.api, node.fingerprint
        ));
    }
    text.push_str(&format!(
        "  user {}, password {}\nCtrl-C ends it.\n",
        served.user, served.password
    ));
    text
}
