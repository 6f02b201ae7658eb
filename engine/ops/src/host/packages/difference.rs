//! What differs between packages as they are and as they're wanted.

use runbook::{action::Change, failure::Failure};
use serde_json::{Map, Value, json};
use world::code;

use super::{
    Asked, PackagesSpec, State,
    probe::{All, Candidates, is_held, is_installed},
};

/// What apt is told, and what becomes of the packages by it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// The packages as apt is told them.
    pub(super) words: Vec<String>,
    before: Map<String, Value>,
    /// The version of each as it becomes.
    pub(super) after: Map<String, Value>,
}

impl Plan {
    /// What has to be done.
    ///
    /// # Errors
    /// A package isn't found, or would have to change and is held.
    pub(super) fn of(
        spec: &PackagesSpec,
        asked: &[Asked],
        known: &All,
        candidates: &Candidates,
    ) -> Result<Self, Failure> {
        let mut plan = Self::default();
        let mut held = Vec::new();
        for asked in asked {
            let is = known.get(&asked.name);
            let version = is
                .filter(|is| is_installed(is))
                .map(|is| is.version.as_str());
            let before = plan.words.len();
            match spec.state {
                State::Absent => plan.take_out(spec, asked, version, is.is_some()),
                _ => plan.put_in(spec, asked, version, candidates)?,
            }
            if plan.words.len() > before && is.is_some_and(is_held) && !spec.change_held {
                held.push(asked.name.as_str());
            }
        }
        match held.as_slice() {
            [] => Ok(plan),
            held => Err(held_back(spec, held)),
        }
    }

    fn take_out(
        &mut self,
        spec: &PackagesSpec,
        asked: &Asked,
        version: Option<&str>,
        has_settings: bool,
    ) {
        let before = match version {
            Some(version) => version,
            None if spec.purge && has_settings => "settings",
            None => return,
        };
        self.words.push(asked.name.clone());
        self.before.insert(asked.name.clone(), json!(before));
        self.after.insert(asked.name.clone(), Value::Null);
    }

    fn put_in(
        &mut self,
        spec: &PackagesSpec,
        asked: &Asked,
        version: Option<&str>,
        candidates: &Candidates,
    ) -> Result<(), Failure> {
        let wanted = match (&asked.version, version) {
            (Some(wanted), _) => wanted,
            (None, Some(_)) if spec.state == State::Present => return Ok(()),
            (None, is) => match candidates.get(&asked.name) {
                Some(candidate) => candidate,
                // What no repository has can't get newer.
                None if is.is_some() => return Ok(()),
                None => return Err(not_located(spec, &asked.name)),
            },
        };
        if version == Some(wanted) {
            return Ok(());
        }
        self.words.push(match &asked.version {
            Some(version) => format!("{}={version}", asked.name),
            None => asked.name.clone(),
        });
        self.before.insert(asked.name.clone(), json!(version));
        self.after.insert(asked.name.clone(), json!(wanted));
        Ok(())
    }

    /// The change; none if nothing differs.
    pub(super) fn change(&self, resource: &str) -> Option<Change> {
        let (before, after) = (self.before.clone(), self.after.clone());
        let is_same = self.words.is_empty();
        (!is_same).then(|| Change::update(resource, before.into(), after.into()))
    }
}

fn not_located(spec: &PackagesSpec, name: &str) -> Failure {
    let text = format!("no repository of {} has a package {name}", spec.host);
    Failure::new(code::host::no_package, text)
        .cause(format!("E: Unable to locate package {name}"))
        .help("declare the repository that has it in a step before (host::repository), or correct the name")
}

fn held_back(spec: &PackagesSpec, names: &[&str]) -> Failure {
    let text = format!(
        "held on {}, and would have to change: {}",
        spec.host,
        names.join(", ")
    );
    Failure::new(code::host::held, text)
        .help("somebody holds them at their version (apt-mark showhold): let them go with `hold: false` in a step before, or change them all the same with `change_held: true`")
}

#[cfg(test)]
mod tests {
    use world::{
        code,
        host::verb::{Package, Printed as _},
    };

    use super::*;
    use crate::host::packages::probe::by_name;

    fn plan(fields: Value) -> Result<Vec<String>, code::Code> {
        let mut spec = json!({ "host": "a" });
        let own = spec.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        let spec: PackagesSpec = serde_json::from_value(spec).unwrap();
        let asked: Vec<Asked> = spec
            .names
            .iter()
            .map(|word| Asked::of(word).unwrap())
            .collect();
        let known = [
            "curl install installed 1.0",
            "held hold installed 1.0",
            "old deinstall config-files 1.0",
        ];
        let known = by_name(known.map(|line| Package::parse(line).unwrap()).into());
        let candidates = [
            ("curl", "2.0"),
            ("htop", "3.0"),
            ("held", "2.0"),
            ("old", "1.0"),
        ];
        let candidates = candidates
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .into();
        let plan = Plan::of(&spec, &asked, &known, &candidates);
        plan.map(|plan| plan.words).map_err(|failure| failure.code)
    }

    #[test]
    fn tells_apt_only_what_differs() {
        for (fields, words) in [
            (json!({ "names": ["curl"] }), vec![]),
            (
                json!({ "names": ["curl", "htop", "old"] }),
                vec!["htop", "old"],
            ),
            (
                json!({ "names": ["curl", "htop"], "state": "latest" }),
                vec!["curl", "htop"],
            ),
            (json!({ "names": ["curl=1.0"] }), vec![]),
            (json!({ "names": ["curl=0.9"] }), vec!["curl=0.9"]),
            (
                json!({ "names": ["curl", "htop", "old"], "state": "absent" }),
                vec!["curl"],
            ),
            (
                json!({ "names": ["old"], "state": "absent", "purge": true }),
                vec!["old"],
            ),
            (json!({ "names": ["held"] }), vec![]),
            (
                json!({ "names": ["held"], "state": "latest", "change_held": true }),
                vec!["held"],
            ),
        ] {
            assert_eq!(plan(fields.clone()).unwrap(), words, "{fields}");
        }
        let refused = |fields| plan(fields).unwrap_err();
        assert_eq!(
            refused(json!({ "names": ["nosuch"] })),
            code::host::no_package
        );
        assert_eq!(
            refused(json!({ "names": ["held"], "state": "latest" })),
            code::host::held
        );
        assert_eq!(
            refused(json!({ "names": ["held"], "state": "absent" })),
            code::host::held
        );
    }

    #[test]
    fn refuses_what_is_no_name() {
        for word in ["", "-y", "a b", "A", "x=", "x=-1", "x;y"] {
            assert!(Asked::of(word).is_err(), "{word}");
        }
        assert!(Asked::of("libc++1=1:2.3~rc1-4+b1").is_ok());
    }
}
