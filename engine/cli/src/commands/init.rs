//! `homelab init`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use formats::envrc::Envrc;
use world::code;

use crate::{
    commands::env,
    exit::{Exit, Stop, refused},
    report, sample,
    session::Session,
    settings::Settings,
};

/// Make a new lab: commented docs tables, runbooks, .gitignore and .envrc.example
///
/// The tables describe an example lab of three nodes, so the new lab can be planned and rehearsed at once. Change
/// them into yours.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InitArgs {
    /// The new folder; an existing one must be empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  homelab init my-lab
  cd my-lab && homelab plan runbooks/phase1.rhai --twin";

/// The files of a new lab.
const FILES: &[(&str, &str)] = &[
    (
        "docs/HARDWARE.md",
        include_str!("../../../../docs/HARDWARE.md"),
    ),
    (
        "docs/NETWORK.md",
        include_str!("../../../../docs/NETWORK.md"),
    ),
    ("docs/SOFTWARE.md", sample::SOFTWARE),
    ("docs/LINKS.md", include_str!("../../../../docs/LINKS.md")),
    (
        "runbooks/phase1.rhai",
        include_str!("../../../../runbooks/phase1.rhai"),
    ),
    (
        ".gitignore",
        "# Secrets, the journal and the twin.\n.envrc\n.homelab/\n",
    ),
    ("README.md", README),
];

const README: &str = "\
# My lab

Built with homelab. `docs/` holds the facts, `runbooks/` what is done with them.

```sh
homelab plan runbooks/phase1.rhai --twin    # what would change, on a model of this lab
homelab run runbooks/phase1.rhai --twin     # do it there
homelab twin show                           # look at the result
```

Then: put your machines into `docs/HARDWARE.md`, your networks into `docs/NETWORK.md`, what should run into `docs/SOFTWARE.md`;
copy `.envrc.example` to `.envrc` and put your values in; plan and run without `--twin`.
";

/// Runs the command.
///
/// # Errors
/// The folder isn't empty, or can't be written.
pub(crate) fn run(args: &InitArgs, settings: &Settings) -> Result<Exit, Stop> {
    let folder = settings.folder.join(&args.folder);
    check_empty(&folder)?;
    for (name, text) in FILES {
        write(&folder.join(name), text)?;
    }
    let inside = Settings {
        folder: folder.clone(),
        ..settings.clone()
    };
    let session = Session::open(&inside)?;
    write(
        &folder.join(".envrc.example"),
        &env::example(&session.all_names(), &Envrc::default()),
    )?;
    report::print(&format!(
        "A new lab is in {0}. Try it:\n  cd {0}\n  homelab plan runbooks/phase1.rhai --twin\n",
        args.folder.display()
    ));
    Ok(Exit::Success)
}

fn check_empty(folder: &Path) -> Result<(), Stop> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unwritable(folder, &error)),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let text = format!("{} isn't empty", folder.display());
    Err(refused(code::init::not_empty, text)
        .help("name a new folder; nothing was written")
        .into())
}

fn write(file: &Path, text: &str) -> Result<(), Stop> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| unwritable(file, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Stop {
    refused(
        code::lab::unwritable,
        format!("{} can't be written", path.display()),
    )
    .cause(error.to_string())
    .help("choose a folder that you may write")
    .into()
}
