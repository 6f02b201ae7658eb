//! What a run will ask of hosts: what its steps asked the last time.

use std::collections::BTreeMap;

use world::host::{self, Call};

use crate::{
    journal::{Calls, Selection, StepPath, entry::Asked},
    run::{Run, listed::Listed},
};

impl Run {
    /// Takes note of what a step asks.
    pub(crate) fn asks(&self, step: &StepPath, host: &str, call: &Call) {
        if self.options.plan || !host::holds(call) {
            return;
        }
        let mut state = self.state();
        let of_step = state.asked.entry(step.step().to_owned()).or_default();
        let calls = of_step.entry(host.to_owned()).or_default();
        if !calls.contains(call) {
            calls.push(call.clone());
        }
    }

    /// Records what was asked, for the next run.
    pub(crate) fn note_asked(&self) {
        let mut calls = std::mem::take(&mut self.state().asked);
        // A secret may have become one since.
        let is_plain = |call: &Call| !call.args.iter().any(|arg| self.redactor.finds(arg));
        let of_hosts = calls.values_mut().flat_map(BTreeMap::values_mut);
        of_hosts.for_each(|calls| calls.retain(is_plain));
        if !calls.is_empty() {
            self.note_entry(Asked { calls });
        }
    }

    /// Has hosts asked ahead for what the steps that will run asked the last time.
    pub(crate) fn foresee(&self) {
        let state = self.state();
        let before = state.last.as_ref().map(|last| &last.asked);
        let known = [Some(&state.summary.asked), before];
        let known: Vec<&Calls> = known.into_iter().flatten().collect();
        let mut foreseen: BTreeMap<String, Vec<Call>> = BTreeMap::new();
        for step in will_run(&self.options.selection, &state.listed) {
            let Some(hosts) = known.iter().find_map(|asked| asked.get(&step.id)) else {
                continue;
            };
            for (host, calls) in hosts {
                foreseen
                    .entry(host.clone())
                    .or_default()
                    .extend(calls.iter().cloned());
            }
        }
        drop(state);
        self.foresight.expect(foreseen);
    }
}

/// The steps that run, as far as that is known before they do.
fn will_run<'a>(selection: &Selection, listed: &'a [Listed]) -> Vec<&'a Listed> {
    let place = |name: &Option<String>| {
        let name = name.as_deref()?;
        listed.iter().position(|step| step.is_called(name))
    };
    let from = place(&selection.from).unwrap_or(0);
    let until = place(&selection.until).unwrap_or(usize::MAX);
    let named = |step: &Listed, names: &[String]| names.iter().any(|name| step.is_among(name));
    let runs = |(at, step): &(usize, &Listed)| {
        (from..=until).contains(at)
            && !step.recorded
            && !named(step, &selection.skip)
            && (selection.only.is_empty() || named(step, &selection.only))
    };
    listed
        .iter()
        .enumerate()
        .filter(runs)
        .map(|(_, step)| step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foresees_what_the_command_line_chooses() {
        let listed: Vec<Listed> = ["a", "b", "c", "d"]
            .map(|id| Listed {
                id: id.to_owned(),
                title: format!("Step {id}"),
                group: None,
                recorded: id == "b",
                fits: id == "b",
            })
            .into();
        let of = |selection: Selection| -> String {
            will_run(&selection, &listed)
                .iter()
                .map(|step| step.id.as_str())
                .collect()
        };
        assert_eq!(of(Selection::default()), "acd");
        let (from, until) = (Some("b".to_owned()), Some("Step c".to_owned()));
        assert_eq!(
            of(Selection {
                from,
                until,
                ..Selection::default()
            }),
            "c"
        );
        let (only, skip) = (
            vec!["a".to_owned(), "d".to_owned()],
            vec!["Step d".to_owned()],
        );
        assert_eq!(
            of(Selection {
                only,
                skip,
                ..Selection::default()
            }),
            "a"
        );
    }
}
