//! The command line as it is typed; the doc comments are the manual.

use clap::{Parser, Subcommand};

use crate::{
    commands::{
        check, doc, docs, env, help, init, install, plan, reference, resume, run, runs, show,
        steps, test, twin,
    },
    settings::Colour,
};

/// Builds, previews, rehearses and keeps a Proxmox and K3s homelab
///
/// homelab runs runbooks: scripts made of steps, in the runbooks/ folder of your lab. A lab is a folder with docs/;
/// it's looked for from the current folder upward.
#[derive(Debug, Parser)]
#[command(name = "homelab", version, arg_required_else_help = true, disable_help_subcommand = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to colour what is printed
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, global = true)]
    pub(crate) color: Colour,
}

const EXAMPLES: &str = "\
Examples:
  homelab init my-lab                            a new lab
  homelab plan runbooks/phase1.rhai --twin       what would change
  homelab run runbooks/phase1.rhai --twin        do it on the twin
  homelab resume                                 go on after a failure or a Ctrl-C

Variables:
  HOMELAB_YES=1      answer yes to every question
  HOMELAB_CA=FILE    trust the nodes' certificates that these authorities signed (PEM); a column Fingerprint in
                     docs/HARDWARE.md, Nodes, pins one node's certificate
  HOMELAB_LISTEN=ADDRESS:PORT
                     where installers get their answer files; else docs/NETWORK.md, Settings, Answer server, says it
  NO_COLOR=1         plain lines without colours, as --color never
  HOMELAB_PAGER=CMD  shows a plan on a terminal; else PAGER, else `less -FRX`; empty or `cat`: none

Exit codes: 0 success, 1 a step failed, 2 `--exit-code` with changes, 3 the lab or the command line is wrong
and nothing was started, 4 another run holds the lock, 5 the plan differs, 6 in doubt, 130 interrupted.";

/// What homelab can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::RunArgs),
    Plan(plan::PlanArgs),
    Resume(resume::ResumeArgs),
    Steps(steps::StepsArgs),
    Runs(runs::RunsArgs),
    Show(show::ShowArgs),
    Check(check::CheckArgs),
    Test(test::TestArgs),
    Doc(doc::DocArgs),
    Docs(docs::DocsArgs),
    Env(env::EnvArgs),
    Twin(twin::TwinArgs),
    Install(install::InstallArgs),
    Init(init::InitArgs),
    Help(help::HelpArgs),
    Reference(reference::ReferenceArgs),
}
