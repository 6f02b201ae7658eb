//! The numbers as a table for readers, and as JSON.

use std::time::Duration;

use serde_json::json;

use crate::measure::{Goal, Measured};

fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1e-3 => format!("{:.2} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

fn goal(goal: Goal) -> String {
    match goal {
        Goal::Under(limit) => format!("under {}", shown(limit).replace(".00", "")),
        Goal::Commits(_, most) => format!("{most:.0} commits"),
    }
}

fn value(row: &Measured) -> String {
    match row.goal {
        Goal::Under(_) => shown(row.value),
        Goal::Commits(found, _) => format!("{found:.2} commits, {}", shown(row.value)),
    }
}

fn ratio(row: &Measured) -> f64 {
    row.value.as_secs_f64() / row.beside.1.as_secs_f64().max(1e-12)
}

/// A Markdown table.
pub(crate) fn markdown(rows: &[Measured]) -> String {
    let head =
        "| what | goal | measured | beside | ratio | |\n| --- | --- | --- | --- | --- | --- |\n";
    let line = |row: &Measured| {
        let (name, time) = row.beside;
        let word = if row.is_met() { "met" } else { "not met" };
        let beside = format!("{name}: {}", shown(time));
        format!(
            "| {} | {} | {} | {beside} | {:.1} | {word} |\n",
            row.what,
            goal(row.goal),
            value(row),
            ratio(row)
        )
    };
    let lines: String = rows.iter().map(line).collect();
    format!("{head}{lines}")
}

/// One JSON object a line.
pub(crate) fn json(rows: &[Measured]) -> String {
    let line = |row: &Measured| {
        let goal = match row.goal {
            Goal::Under(limit) => json!({ "seconds": limit.as_secs_f64() }),
            Goal::Commits(found, most) => json!({ "commits": most, "found": found }),
        };
        let beside = json!({ "what": row.beside.0, "seconds": row.beside.1.as_secs_f64() });
        let line = json!({
            "what": row.what, "goal": goal, "seconds": row.value.as_secs_f64(), "beside": beside,
            "ratio": ratio(row), "met": row.is_met(),
        });
        format!("{line}\n")
    };
    rows.iter().map(line).collect()
}
