//! A process, as others can find out whether it lives.

use std::fs;

/// The token of this process: which start of which system, in which space of processes, its number, and when it began.
/// It's one word.
pub(super) fn own() -> String {
    let id = std::process::id();
    format!(
        "{}.{id}.{}",
        space(),
        began(&id.to_string()).unwrap_or_default()
    )
}

/// Whether the process of a token is known to be dead. Of one on another machine nobody knows it.
pub(super) fn is_dead(token: &str) -> bool {
    let mut parts = token.rsplitn(3, '.');
    let (began_at, id, there) = (parts.next(), parts.next(), parts.next());
    let (Some(began_at), Some(id)) = (began_at, id) else {
        return false;
    };
    there == Some(&space()) && began(id).is_none_or(|now| now != began_at)
}

/// Where processes have the numbers that they have here: a start of a system, and the space of a container.
fn space() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let space: String = space
        .display()
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("{}.{space}", boot.trim())
}

/// When a process began, in the kernel's ticks; none if it's gone.
fn began(id: &str) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the state after it is the third field, the beginning the 22nd.
    let (_, fields) = stat.rsplit_once(") ")?;
    let is_dead = fields.starts_with(['Z', 'X']);
    fields
        .split(' ')
        .nth(19)
        .map(str::to_owned)
        .filter(|_| !is_dead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ended_is_known_by_its_token() {
        assert!(!is_dead(&own()));
        let later = own() + "1";
        assert!(is_dead(&later), "its number is another process's by now");
        assert!(!is_dead(&own().replacen(
            |c: char| c.is_ascii_hexdigit(),
            "x",
            1
        )));
        assert!(!is_dead("x") && !is_dead(""));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let token = format!("{}.{}.{}", space(), child.id(), 1);
        child.wait().unwrap();
        assert!(is_dead(&token));
    }
}
