//! Opens the world that a runbook runs in: the lab itself, its twin, or a twin that is served.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use runbook::{failure::Failure, options::Environment as _};
use twin::{LabFacts, Start, Twin};
use world::{
    Place, Secret, World, WorldId,
    clock::RealClock,
    code,
    docs::Docs,
    host::{
        Destination, LiveHosts, Operator,
        ssh::{Settings, Ssh},
    },
    install::HttpInstaller,
    lease::LiveLease,
    private,
    proxmox::{HttpsPort, Route, Routes, Trust},
};

use crate::{
    environment::LabEnvironment,
    exit::{refused, unusable},
    flags::WorldFlags,
    lab_docs, report, served,
    session::{Session, docs_failure},
};

/// The variable that names a file of certificate authorities for the lab's nodes.
const AUTHORITY: &str = "HOMELAB_CA";

/// Which world is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WorldChoice {
    /// The lab itself.
    Live,
    /// The twin, in this process.
    Twin,
    /// A twin that is served.
    Via(PathBuf),
}

impl WorldChoice {
    /// The world that the flags choose.
    pub(crate) fn of(flags: &WorldFlags) -> Self {
        match (&flags.via, flags.twin) {
            (Some(file), _) => Self::Via(file.clone()),
            (None, true) => Self::Twin,
            (None, false) => Self::Live,
        }
    }

    /// What the world is called in records.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Twin => "twin",
            Self::Via(_) => "via",
        }
    }

    /// Whether nothing real is touched: what is missing may be made up.
    pub(crate) const fn is_rehearsal(&self) -> bool {
        !matches!(self, Self::Live)
    }
}

/// Opens the world at a place; hosts that are real are reached with the settings.
///
/// # Errors
/// The docs lack what a world is made of, or files of the lab can't be used.
pub(crate) fn open(
    session: &Session<'_>,
    place: &WorldChoice,
    facts: (&Docs, &LabEnvironment),
    ssh: Settings,
) -> Result<World, Failure> {
    let (docs, environment) = facts;
    match place {
        WorldChoice::Live => live(session, docs, ssh),
        WorldChoice::Twin => open_twin(session, docs, environment)?
            .world()
            .map_err(|error| twin_failure(&error)),
        WorldChoice::Via(file) => served::via(session, &session.settings.folder.join(file), docs),
    }
}

/// A preview over a world: the model, filled through the world's reads. What appliances offer stands in docs.
///
/// # Errors
/// The docs lack a fact.
pub(crate) fn preview(world: World, docs: &Docs) -> Result<World, Failure> {
    Ok(twin::preview::over_lab(world, &facts(docs)?))
}

/// The lab as its docs describe it.
fn facts(docs: &Docs) -> Result<LabFacts, Failure> {
    LabFacts::from_docs(docs).map_err(|error| docs_failure(&error))
}

fn live(session: &Session<'_>, docs: &Docs, ssh: Settings) -> Result<World, Failure> {
    let routes = Routes::default();
    let authority = session
        .settings
        .variable(AUTHORITY)
        .map(|file| Trust::authority(Path::new(file)));
    let authority = authority.transpose().map_err(|error| {
        refused(code::proxmox::authority, error.to_string())
            .help(format!("{AUTHORITY} names the file"))
    })?;
    for node in lab_docs::nodes(docs)? {
        let pinned = node.fingerprint.map(Trust::Fingerprint);
        let trust = pinned.or_else(|| authority.clone()).unwrap_or_default();
        routes.set(
            &node.address,
            Route {
                listens: None,
                trust,
            },
        );
    }
    let nodes = lab_docs::nodes(docs)?.into_iter().map(|node| Destination {
        user: Some("root".to_owned()),
        ..Destination::new(node.name, node.address)
    });
    let hosts = Arc::new(LiveHosts {
        operator: Operator::new(session.lab.root().to_owned()),
        ssh: Ssh::new(ssh),
    });
    let lease = LiveLease::new(
        &session.lab.state(),
        Arc::clone(&hosts) as _,
        Arc::new(RealClock),
        nodes.collect(),
    );
    Ok(World {
        id: WorldId::live(),
        proxmox: Arc::new(HttpsPort::new(routes)),
        hosts,
        installer: Arc::new(HttpInstaller::new(lab_docs::listen(session, docs)?)),
        lease: Arc::new(lease),
        clock: Arc::new(RealClock),
    })
}

/// The lab's twin. Its nodes accept every secret that the lab's scripts name as root's password.
///
/// # Errors
/// The docs lack a fact, `twin.rhai` is wrong, or the twin's store can't be opened.
pub(crate) fn open_twin(
    session: &Session<'_>,
    docs: &Docs,
    environment: &LabEnvironment,
) -> Result<Twin, Failure> {
    let names = environment.names().needed().filter(|needed| needed.secret);
    let found = names.filter_map(|needed| {
        Some((
            needed.name.clone(),
            environment.lookup(&needed.name, false)?,
        ))
    });
    let options = twin::Options {
        root_passwords: found
            .map(|(name, found)| Secret::new(name, found.value))
            .collect(),
    };
    let twin = open_twin_with(session, docs, options)?;
    if twin
        .began_otherwise()
        .map_err(|error| twin_failure(&error))?
    {
        let text = "note: twin.rhai begins otherwise than this twin did: `homelab twin reset` begins anew\n";
        report::complain(text);
    }
    Ok(twin)
}

/// The lab's twin with other options.
///
/// # Errors
/// See [`open_twin`].
pub(crate) fn open_twin_with(
    session: &Session<'_>,
    docs: &Docs,
    options: twin::Options,
) -> Result<Twin, Failure> {
    let facts = facts(docs)?;
    let state = session.lab.state();
    private::folder(&state).map_err(|error| unusable(&state, &error))?;
    Twin::open(
        Some(&state.join("twin.db")),
        facts,
        start(session)?,
        options,
    )
    .map_err(|error| twin_failure(&error))
}

/// The lab's twin, started over, whatever its store looks like.
///
/// # Errors
/// See [`open_twin`].
pub(crate) fn restart_twin(session: &Session<'_>, docs: &Docs) -> Result<Twin, Failure> {
    let state = session.lab.state();
    private::folder(&state).map_err(|error| unusable(&state, &error))?;
    let twin = Twin::restart(&state.join("twin.db"), facts(docs)?, start(session)?);
    twin.map_err(|error| twin_failure(&error))
}

/// The id of the lab's twin; nothing if it has none.
///
/// # Errors
/// The twin's store can't be opened.
pub(crate) fn twin_id(session: &Session<'_>) -> Result<Option<WorldId>, Failure> {
    let id = Twin::id_at(&session.lab.state().join("twin.db"));
    id.map_err(|error| twin_failure(&error))
}

/// What stands otherwise at the start than docs say: the map in `twin.rhai`.
///
/// # Errors
/// It's no such map.
pub(crate) fn start(session: &Session<'_>) -> Result<Start, Failure> {
    let file = session.lab.twin_script();
    if !file.exists() {
        return Ok(Start::default());
    }
    let source = runbook::script::read(&file, SCRIPT)?;
    let value = rhai::Engine::new().eval::<rhai::Dynamic>(&source);
    let start = value.and_then(|value| rhai::serde::from_dynamic(&value));
    start.map_err(|error| {
        let text = format!("{SCRIPT} doesn't say how the twin starts");
        let mut failure = refused(code::twin::script, text)
            .cause(error.to_string())
            .help("it's one map: #{ installed: true, storage: #{ … }, options: #{ … }, users: #{ … } }");
        let position = error.position();
        failure.place = Some(Place {
            file: SCRIPT.to_owned(),
            line: position.line().unwrap_or(1),
            column: position.position().unwrap_or(1),
        });
        failure
    })
}

/// The script that says how the twin starts.
const SCRIPT: &str = "twin.rhai";

/// An error of the twin as a failure.
pub(crate) fn twin_failure(error: &twin::TwinError) -> Failure {
    let help = if error.is_unwritable() {
        "make room, or give write permission for .homelab/ and the files in it"
    } else {
        "`homelab twin reset` starts over, also where .homelab/twin.db is damaged"
    };
    let failure = Failure::of(code::twin::store, error).help(help);
    failure.class(runbook::failure::Class::Refused)
}
