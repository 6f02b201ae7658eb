//! The events of `--json`, as the reference describes them.

/// An event: its name, when it comes, and its fields.
struct Described {
    name: &'static str,
    when: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

const STEP: (&str, &str) = ("step", "The step's id; `STEP/KEY` for a body of `parallel`");
const TITLE: (&str, &str) = ("title", "The step's title");
const OPERATION: (&str, &str) = (
    "operation",
    "Which operation: `step`, `function`, `resource`, and `nth`, 0 for the first such call of the step",
);
const INTENT: (&str, &str) = ("intent", "The action's number in its run");
const FAILURE: (&str, &str) = (
    "failure",
    "`code`, `message`, `class` (failed, interrupted, unknown, plan_differs, in_doubt, refused) and, where there are any, `causes`, `help`, `operation`, `place` (`file`, `line`, `column`), `frames`",
);
const CONFIDENCE: (&str, &str) = (
    "confidence",
    "How sure it is: `kind` is read, predicted, unknown or opaque; `of` says for unknown what isn't known (`step`, `what`)",
);

/// Every event, in the order in which they come.
const EVENTS: &[Described] = &[
    Described {
        name: "run_started",
        when: "An invocation begins",
        fields: &[
            ("runbook", "The runbook's name"),
            ("version", "Its version"),
            ("file", "Its file, relative to the lab"),
            ("continued", "Whether an earlier invocation began this run"),
            (
                "world",
                "`live`, `twin` or `via`; with `plan: ` before it in a plan",
            ),
        ],
    },
    Described {
        name: "settled",
        when: "What an earlier invocation left open was settled",
        fields: &[
            INTENT,
            (
                "settlement",
                "`was` is done, not_done or in_doubt; `why` says why",
            ),
        ],
    },
    Described {
        name: "step_started",
        when: "A step's body begins",
        fields: &[
            STEP,
            TITLE,
            ("group", "The group's title, or null"),
            ("attempt", "1 for the first attempt"),
        ],
    },
    Described {
        name: "operation_started",
        when: "An operation begins",
        fields: &[OPERATION],
    },
    Described {
        name: "intent",
        when: "An action is about to be carried out; in a plan: would be",
        fields: &[
            INTENT,
            OPERATION,
            ("action", "The request or host call, without secrets"),
            (
                "proof",
                "How it's found out later whether the action was carried out",
            ),
            (
                "change",
                "`resource`, `kind` (create, update, delete, apply), `before`, `after`, and `diff` where there is one",
            ),
            CONFIDENCE,
        ],
    },
    Described {
        name: "task",
        when: "The action's answer is a task",
        fields: &[INTENT, ("upid", "The task")],
    },
    Described {
        name: "given",
        when: "A machine got its answer file: it isn't given a second time in this run",
        fields: &[
            OPERATION,
            ("node", "The node that the machine becomes"),
            (
                "machine",
                "The machine: MAC addresses, serial number, product",
            ),
        ],
    },
    Described {
        name: "measured",
        when: "An operation measured something; it's kept, and compared with the next time",
        fields: &[
            OPERATION,
            ("figures", "Numbers by their names, which say the unit"),
        ],
    },
    Described {
        name: "learned",
        when: "An operation saw something that docs have a place for; `homelab docs sync` compares it with them",
        fields: &[
            OPERATION,
            (
                "fact",
                "`document`, `table`, `row` (the texts by which the row is found), `column`, `value`",
            ),
        ],
    },
    Described {
        name: "progress",
        when: "A task goes on; may be left out, isn't recorded",
        fields: &[
            STEP,
            ("operation", "The operation's function"),
            ("upid", "The task, or null"),
            ("line", "A line of its log, or null"),
            ("percent", "How far it is, 0 to 100, or null"),
        ],
    },
    Described {
        name: "done",
        when: "The action was carried out; a task ended well",
        fields: &[INTENT],
    },
    Described {
        name: "refused",
        when: "The action was refused, or its task failed",
        fields: &[INTENT, ("why", "The other side's words")],
    },
    Described {
        name: "unclear",
        when: "A plan can't describe a change, since its arguments aren't known yet",
        fields: &[OPERATION, CONFIDENCE],
    },
    Described {
        name: "operation_finished",
        when: "An operation ended",
        fields: &[OPERATION, ("changes", "How many actions it carried out")],
    },
    Described {
        name: "answered",
        when: "A question was answered",
        fields: &[
            STEP,
            ("question", "The question"),
            ("answer", "true for yes"),
            ("by", "`terminal`, `--yes`, `twin` or `plan`"),
        ],
    },
    Described {
        name: "note",
        when: "A line for the reader: what a script printed, what was made up or assumed",
        fields: &[("step", "The step, or null"), ("text", "The line")],
    },
    Described {
        name: "step_finished",
        when: "A step's body ended",
        fields: &[
            STEP,
            TITLE,
            ("fingerprint", "Hash of its source and of what it captured"),
            (
                "reads",
                "What else it read: `what`, and a keyed `hash` of the value",
            ),
            ("value", "Its value"),
            ("changes", "Its changes in this invocation"),
        ],
    },
    Described {
        name: "step_recorded",
        when: "A recorded value stands in for a step",
        fields: &[STEP, TITLE],
    },
    Described {
        name: "step_skipped",
        when: "A step is left out",
        fields: &[STEP, TITLE, ("why", "`when`, `--skip` …")],
    },
    Described {
        name: "step_unknown",
        when: "A plan can't go on in a step: it needs a value that isn't known yet",
        fields: &[STEP, TITLE, FAILURE],
    },
    Described {
        name: "step_failed",
        when: "A step failed",
        fields: &[STEP, TITLE, FAILURE],
    },
    Described {
        name: "run_finished",
        when: "An invocation ended; always the last event, also if nothing was started",
        fields: &[
            ("status", "succeeded, failed, interrupted or planned"),
            (
                "steps",
                "Counts: `done`, `recorded`, `skipped`, `failed`, `unknown`",
            ),
            (
                "changes",
                "Changes made by this invocation, settled ones included; in a plan, predicted",
            ),
            (
                "as_planned",
                "How many of the changes a plan had announced, or null",
            ),
            (
                "failure",
                "Why it failed, or null; its fields are those of `failure` above",
            ),
        ],
    },
];

/// The page of all events.
pub(crate) fn page() -> String {
    let mut text = String::from(
        "# Events\n\n`run`, `plan`, `resume` and `show` print these with `--json`, one a line. Each has `event`, its name, `run`, the run's \
         number (negative in a plan, 0 if nothing was started), and `at`, the world's time in milliseconds since 1970 \
         (`progress` has neither `run` nor `at`). Unknown events and fields are to be ignored: there will be more. This page is generated: \
         `homelab reference --write`.\n",
    );
    for event in EVENTS {
        text.push_str(&format!(
            "\n## `{}`\n\n{}.\n\n| field | is |\n| --- | --- |\n",
            event.name, event.when
        ));
        for (name, is) in event.fields {
            text.push_str(&format!("| `{name}` | {} |\n", is.replace('|', "\\|")));
        }
    }
    text
}
