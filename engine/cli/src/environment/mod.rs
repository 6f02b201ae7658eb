//! Values of the environment: from the process, from the lab's `.envrc`, and on a twin from nowhere.

mod remarks;

use std::collections::BTreeMap;

use formats::envrc::Envrc;
use runbook::{
    failure::{Class, Failure},
    options::{Environment, Found, demand_strong},
};
use world::{Secret, code, lab::Lab, secret::Redactor};

use crate::{
    exit::refused,
    names::{Names, Needed},
};

/// The environment of a lab in one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabEnvironment {
    process: BTreeMap<String, String>,
    envrc: Envrc,
    example: Envrc,
    names: Names,
    /// On a twin what is missing is made up, and said so.
    rehearsal: bool,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The environment of the process.
    Process,
    /// The lab's `.envrc`.
    Envrc,
}

impl LabEnvironment {
    /// Reads the lab's `.envrc` and `.envrc.example`; nothing in them is executed.
    ///
    /// # Errors
    /// One of them can't be read.
    pub(crate) fn read(
        lab: &Lab,
        process: &BTreeMap<String, String>,
        names: Names,
    ) -> Result<Self, Failure> {
        Ok(Self {
            process: process.clone(),
            envrc: Envrc::parse(&text(&lab.envrc(), ".envrc")?),
            example: Envrc::parse(&text(&lab.envrc_example(), ".envrc.example")?),
            names,
            rehearsal: false,
        })
    }

    /// The same for a twin, where a missing value is made up.
    pub(crate) fn rehearsal(self, rehearsal: bool) -> Self {
        Self { rehearsal, ..self }
    }

    /// The names that the lab's scripts read.
    pub(crate) const fn names(&self) -> &Names {
        &self.names
    }

    /// What knows every secret of the lab: a runbook may meet what another one wrote.
    pub(crate) fn redactor(&self) -> Redactor {
        let redactor = Redactor::default();
        for needed in self.names.needed().filter(|needed| needed.secret) {
            let given = self.given(&needed.name).map(|(value, _)| value);
            // A weak one is refused where it's needed.
            if let Some(value) = given.filter(|value| Secret::weakness(value).is_none()) {
                redactor.register(&Secret::new(needed.name.as_str(), value));
            }
        }
        redactor
    }

    /// The value that the user gave; empty counts as missing.
    pub(crate) fn given(&self, name: &str) -> Option<(&str, Source)> {
        let process = self
            .process
            .get(name)
            .map(|value| (value.as_str(), Source::Process));
        let envrc = self.envrc.get(name).map(|value| (value, Source::Envrc));
        let order = if self.names.kept.contains(name) {
            [envrc, process]
        } else {
            [process, envrc]
        };
        order
            .into_iter()
            .flatten()
            .find(|(value, _)| !value.is_empty())
    }

    /// What is missing or not to be used: every name at once, each with the line that needs it. On a twin what is missing
    /// or the example's stands in.
    pub(crate) fn mistakes(&self, names: &Names) -> Vec<Failure> {
        names
            .demanded()
            .filter_map(|needed| self.mistake(needed))
            .collect()
    }

    fn mistake(&self, needed: &Needed) -> Option<Failure> {
        let name = &needed.name;
        let given = self.given(name);
        let weak = given
            .filter(|_| needed.secret)
            .and_then(|(value, _)| demand_strong(name, value).err());
        let mut failure = match (weak, given) {
            (Some(weak), _) => weak.class(Class::Refused),
            _ if self.rehearsal => return None,
            (_, None) => refused(code::environment::missing, format!("{name} isn't set"))
                .help(self.why_missing(name)),
            (_, Some((value, _))) if needed.secret && self.is_example(name, value) => {
                let text =
                    format!("{name} has the value of .envrc.example, which everybody can read");
                refused(code::environment::example, text).help(format!(
                    "put a value of your own into .envrc: export {name}='…'"
                ))
            }
            (_, Some(_)) => return None,
        };
        let mut places = needed.places.iter().cloned();
        failure.place = places.next();
        failure.frames = places.collect();
        Some(failure)
    }

    fn is_example(&self, name: &str, value: &str) -> bool {
        self.example.get(name) == Some(value)
    }

    fn made_up(&self, name: &str) -> Found {
        if let Some(value) = self.example.get(name).filter(|value| !value.is_empty()) {
            return Found {
                value: value.to_owned(),
                note: Some(format!(
                    "{name} isn't set; the value of .envrc.example stands in"
                )),
            };
        }
        Found {
            value: example_value(name, self.names.is_secret(name)),
            note: Some(format!("{name} isn't set; a value was made up")),
        }
    }
}

impl Environment for LabEnvironment {
    fn lookup(&self, name: &str, kept: bool) -> Option<Found> {
        if kept {
            // This world's `.envrc` was looked into; on a twin the process knows another world's value.
            let value = self
                .process
                .get(name)
                .filter(|value| !value.is_empty() && !self.rehearsal)?;
            return Some(Found {
                value: value.clone(),
                note: None,
            });
        }
        let Some((value, _)) = self.given(name) else {
            return self.rehearsal.then(|| self.made_up(name));
        };
        let open = self.rehearsal && self.names.is_secret(name) && self.is_example(name, value);
        Some(Found {
            value: value.to_owned(),
            note: open.then(|| {
                format!("{name} has the value of .envrc.example; a live run refuses that")
            }),
        })
    }
}

/// A sensible value for a name that nobody gave, derived from the name.
pub(crate) fn example_value(name: &str, secret: bool) -> String {
    let word = name.to_ascii_lowercase().replace('_', "-");
    let ends = |ending: &str| word == ending || word.ends_with(&format!("-{ending}"));
    if secret {
        // A plain word as a secret would be taken out of every text that holds the word.
        format!("example-{word}")
    } else if ends("email") || ends("mail") {
        format!("{word}@example.test")
    } else if ends("url") {
        format!("https://{word}.example.test")
    } else if ends("domain") || ends("host") {
        format!("{word}.example.test")
    } else if ends("address") || ends("ip") {
        "192.0.2.10".to_owned()
    } else if ends("port") {
        "8443".to_owned()
    } else {
        // A cluster's name has 15 characters at most.
        word.chars()
            .take(15)
            .collect::<String>()
            .trim_end_matches('-')
            .to_owned()
    }
}

fn text(path: &std::path::Path, shown: &str) -> Result<String, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(refused(
            code::environment::unreadable,
            format!("{shown} can't be read"),
        )
        .cause(error.to_string())
        .help(format!("make {shown} a text file that you may read"))),
    }
}

#[cfg(test)]
mod tests {
    use world::code::{self, Code};

    use super::*;

    fn environment(process: &[(&str, &str)], envrc: &str, example: &str) -> LabEnvironment {
        let library = runbook::script::Library {
            lab: "/nowhere".into(),
            embedded: &[],
        };
        let mut names = Names::default();
        let source = "secret(\"PASSWORD\"); env(\"NAME\"); env(\"KEPT\"); envrc::set(\"KEPT\", 1);";
        names
            .add(&rhai::Engine::new(), &library, "r.rhai", source)
            .unwrap();
        LabEnvironment {
            process: process
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            envrc: Envrc::parse(envrc),
            example: Envrc::parse(example),
            names,
            rehearsal: false,
        }
    }

    fn codes(environment: &LabEnvironment) -> Vec<Code> {
        environment
            .mistakes(&environment.names)
            .into_iter()
            .map(|failure| failure.code)
            .collect()
    }

    #[test]
    fn reports_all_that_is_missing_at_once() {
        let live = environment(&[("NAME", "")], "export PASSWORD=$(pass x)\n", "");
        assert_eq!(codes(&live), [code::environment::missing; 2]);
        let help: Vec<_> = live
            .mistakes(&live.names)
            .into_iter()
            .filter_map(|failure| failure.help)
            .collect();
        assert!(help[1].contains("line 1"), "{help:?}");
        assert!(codes(&live.rehearsal(true)).is_empty());
    }

    #[test]
    fn refuses_the_examples_secret_live_and_notes_it_on_a_twin() {
        let example = "export PASSWORD='known'\nexport NAME='lab'\n";
        let live = environment(&[("NAME", "lab")], "export PASSWORD='known'\n", example);
        assert_eq!(codes(&live), [code::environment::example]);
        let found = live.rehearsal(true).lookup("PASSWORD", false).unwrap();
        assert!(found.note.unwrap().contains("refuses"));
    }

    #[test]
    fn refuses_a_secret_that_cannot_be_masked_in_every_world() {
        for (value, weak) in [
            ("1", true),
            ("pve", true),
            ("update", true),
            ("pve1", false),
        ] {
            let live = environment(&[("NAME", "1"), ("PASSWORD", value)], "", "");
            let wanted = vec![code::environment::weak_secret; usize::from(weak)];
            assert_eq!(codes(&live), wanted, "{value}");
            assert_eq!(codes(&live.rehearsal(true)), wanted, "{value}");
        }
    }

    #[test]
    fn makes_up_what_is_missing_on_a_twin_alone() {
        let live = environment(&[("KEPT", "old")], "", "export NAME='lab'\n");
        assert_eq!(live.lookup("NAME", false), None);
        assert_eq!(live.lookup("KEPT", true).unwrap().value, "old");
        let twin = live.rehearsal(true);
        assert_eq!(twin.lookup("NAME", false).unwrap().value, "lab");
        assert_eq!(
            twin.lookup("PASSWORD", false).unwrap().value,
            "example-password"
        );
        assert_eq!(twin.lookup("KEPT", true), None);
    }

    #[test]
    fn derives_values_that_fit_the_name() {
        let value = |name| example_value(name, false);
        assert_eq!(value("CLUSTER_NAME"), "cluster-name");
        assert_eq!(value("ADMIN_EMAIL"), "admin-email@example.test");
        assert_eq!(value("A_VERY_LONG_NAME_INDEED"), "a-very-long-nam");
    }
}
