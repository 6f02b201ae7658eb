//! Changes that revert themselves unless they are confirmed.

super::verbs! { GUARD:
    /// What became of a guard.
    GUARD_STATE = Read() "guard_state" "ID" => "`absent`, `armed`, `reverting` or `reverted`";
    /// Keeps copies of files, and arms a timer that restores them and reloads, also after a start of the host. What is kept
    /// by a guard that is armed already stays.
    /// `RELOAD` is `network`, `sshd` or `none`.
    GUARD_ARM = Write(FILES | UNITS) "guard_arm" "ID SECONDS RELOAD PATH…" => "nothing";
    /// Takes the timer and the copies away; status 75 if it has reverted, or is reverting.
    GUARD_DISARM = Write(FILES | UNITS) "guard_disarm" "ID" => "nothing";
    /// Forgets that a guard has reverted.
    GUARD_FORGET = Write(FILES | UNITS) "guard_forget" "ID" => "nothing";
}
