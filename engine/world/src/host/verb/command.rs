//! Commands that a lab brings itself.

super::verbs! { COMMAND:
    /// Runs a script; see [`Script`](crate::host::Script). Nothing of it stands in a list of processes. `USER` `-` is
    /// the caller, `DIRECTORY` `-` the caller's own, `SHELL` one that understands POSIX sh. The input is a line that
    /// sets the environment and a line with the script, both as `printf %b` reads them, then the script's standard
    /// input; without that it reads `/dev/null`.
    RUN = Tracked(ALL) "run" "USER|- DIRECTORY|- SHELL <SCRIPT" => "its output, and its exit status; of more than 1 MiB the first and the last half, and between them a line `[N bytes left out]`";
    /// Runs a script whose author says that it only reads: a preview runs it too. It's as `run` takes it.
    LOOK = Read() "look" "USER|- DIRECTORY|- SHELL <SCRIPT" => "its output, and its exit status";
}
