//! Changes that revert themselves unless they are confirmed.

super::asks! { GUARD:
    /// What became of a guard.
    GUARD_STATE = Read() "guard_state" ShowGuard { id } => GuardState;
    /// Keeps copies of files, and arms a timer that restores them and reloads (`network`, `sshd` or `none`), also after a start
    /// of the host. What is kept by a guard that is armed already stays.
    GUARD_ARM = Write(FILES | UNITS) "guard_arm" GuardArm { id, seconds: u64, reload, paths: Vec<String> } => ();
    /// Takes the timer and the copies away; status 75 if it has reverted, or is reverting.
    GUARD_DISARM = Write(FILES | UNITS) "guard_disarm" GuardDisarm { id } => ();
    /// Forgets that a guard has reverted.
    GUARD_FORGET = Write(FILES | UNITS) "guard_forget" GuardForget { id } => ();
}

super::words! {
    /// What became of a guard.
    GuardState {
        /// There is none.
        Absent = "absent",
        /// It reverts when its time is up.
        Armed = "armed",
        /// Its script runs.
        Reverting = "reverting",
        /// It has reverted.
        Reverted = "reverted",
    }
}
