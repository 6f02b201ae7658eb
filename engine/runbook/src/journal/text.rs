//! Which fields of entries are free text, in which secrets are masked, and which are structure.

use world::{free_text, redact::Redact, secret::Redactor};

use super::entry::{
    Answered, Asked, Done, Given, Intent, Learned, Measured, Note, OperationFinished,
    OperationStarted, Refused, RunFinished, RunStarted, Settled, Settlement, StepFailed,
    StepFinished, StepRecorded, StepSkipped, StepStarted, StepUnknown, Task, Unclear,
};

free_text!(RunStarted { sources, selection, plan; runbook, version, file, continued, steps, world, began });
free_text!(StepStarted { title, group; step, attempt });
free_text!(OperationStarted { ; operation });
free_text!(Intent { action, proof, change, confidence; intent, operation });
free_text!(Task { ; intent, upid });
free_text!(Given { machine; operation, node });
free_text!(Measured { ; operation, figures });
free_text!(Learned { fact; operation });
free_text!(Done { ; unchanged, intent });
free_text!(Refused { why; intent });
free_text!(Settled { settlement; intent });
free_text!(Unclear { confidence; operation });
free_text!(OperationFinished { ; operation, changes });
free_text!(Answered { question; step, answer, by });
free_text!(Note { text; step });
free_text!(StepFinished { title, value; step, fingerprint, reads, changes });
free_text!(StepRecorded { title, why; step });
free_text!(StepSkipped { title, why; step });
free_text!(StepUnknown { title, failure; step });
free_text!(StepFailed { title, failure; step });
// What holds a secret isn't recorded as asked.
free_text!(Asked { ; calls });
free_text!(RunFinished { failure; status, partial });

impl Redact for Settlement {
    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::NotDone(why) | Self::InDoubt(why) => why.redact(redactor),
            Self::Done => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use world::{
        Confidence, Secret,
        proxmox::{Identity, Request},
    };

    use super::*;
    use crate::{
        action::{Action, Change, Condition, Kind, Proof, TaskTrace, ToNode},
        journal::{Entry, IntentId, OperationKey, StepPath},
    };

    const UPID: &str = "UPID:pve1:00000001:00000001:00000001:update:pve1:root@pam:";

    /// An intent in whose names and texts each word stands.
    fn intent(word: &str) -> Entry {
        let text = format!("the {word} of it");
        Entry::from(Intent {
            intent: IntentId(1),
            operation: OperationKey {
                step: StepPath(word.to_owned()),
                function: format!("proxmox::{word}::ensure"),
                resource: format!("group {word}"),
                nth: 0,
            },
            action: Box::new(Action::Proxmox(ToNode {
                node: word.to_owned(),
                identity: Identity::Root,
                request: Request::put(format!("/access/groups/{word}")).with("comment", &text),
            })),
            proof: Box::new(Proof::Proxmox {
                to: ToNode {
                    node: word.to_owned(),
                    identity: Identity::Root,
                    request: Request::get(format!("/access/groups/{word}")),
                },
                condition: Condition::Matches(json!({ "comment": text })),
                task: Some(TaskTrace {
                    kind: word.to_owned(),
                    before: vec![UPID.to_owned()],
                }),
            }),
            change: Change::new(
                format!("group {word}"),
                Kind::Update,
                json!({ "comment": "" }),
                json!({ "comment": text }),
            ),
            confidence: Confidence::Read,
        })
    }

    #[test]
    fn a_secret_is_masked_in_text_alone_whichever_word_it_is() {
        for word in [
            "update",
            "proxmox",
            "true",
            "file",
            "intent",
            "pve1",
            "it's \"so\"",
            "UPID:pve1",
        ] {
            let redactor = Redactor::default();
            redactor.register(&Secret::new("PROXMOX_PASSWORD", word));
            let mut entry = intent(word);
            entry.redact(&redactor);
            let json = serde_json::to_string(&entry).unwrap();
            assert!(json.contains("the *** of it"), "{json}");
            assert!(!json.contains(&format!("the {word}")), "{json}");
            let back: Entry = serde_json::from_str(&json).unwrap();
            assert_eq!(back, entry);
            let (Entry::Intent(masked), Entry::Intent(plain)) = (entry, intent(word)) else {
                unreachable!("it's an intent");
            };
            assert_eq!(masked.operation, plain.operation);
            assert_eq!(masked.change.resource, plain.change.resource);
            assert_eq!(masked.change.kind, plain.change.kind);
            assert_eq!(masked.action.summary(), plain.action.summary());
            assert!(json.contains(UPID), "{json}");
        }
    }
}
