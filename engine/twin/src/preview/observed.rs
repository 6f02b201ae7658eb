//! What a node says of itself as it is now, and what no plan changes: it's never asked of the model.

/// Paths below `/nodes/{node}` that are passed on, and, alone, the asked node's version.
const BELOW_NODE: &[&[&str]] = &[
    &["aplinfo"],
    &["apt"],
    &["capabilities"],
    &["certificates"],
    &["disks", "smart"],
    &["hardware"],
    &["journal"],
    &["netstat"],
    &["report"],
    &["rrd"],
    &["rrddata"],
    &["scan"],
    &["status"],
    &["subscription"],
    &["syslog"],
    &["version"],
];

/// The node that a path is about, if what's asked is passed on to it; the asked node is `None` inside.
pub(super) fn node_of<'a>(parts: &[&'a str]) -> Option<Option<&'a str>> {
    match parts {
        ["version"] => Some(None),
        ["nodes", node, rest @ ..] => {
            let is_observed = BELOW_NODE.iter().any(|path| rest.starts_with(path));
            is_observed.then_some(Some(*node))
        }
        _ => None,
    }
}

/// The node and the UPID of a path about one task.
pub(super) fn task_of<'a>(parts: &[&'a str]) -> Option<(&'a str, &'a str)> {
    match parts {
        ["nodes", node, "tasks", upid, ..] => Some((*node, *upid)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_passed_on() {
        assert_eq!(node_of(&["version"]), Some(None));
        assert_eq!(node_of(&["nodes", "a", "status"]), Some(Some("a")));
        assert_eq!(node_of(&["nodes", "a", "disks", "smart"]), Some(Some("a")));
        assert_eq!(node_of(&["nodes", "a", "disks", "list"]), None);
        assert_eq!(node_of(&["nodes", "a"]), None);
        assert_eq!(task_of(&["nodes", "a", "tasks"]), None);
        assert_eq!(
            task_of(&["nodes", "a", "tasks", "UPID:x:", "log"]),
            Some(("a", "UPID:x:"))
        );
    }
}
