//! Commands that a lab brings itself.

use crate::host::Reply;

super::asks! { COMMAND:
    /// Runs a script; see [`Script`](crate::host::Script). Nothing of it stands in a list of processes. Without a user it's the
    /// caller's, without a directory the caller's own; the shell is one that understands POSIX sh. The input is a line that
    /// sets the environment and a line with the script, both as `printf %b` reads them, then the script's standard input; without
    /// that it reads `/dev/null`. The reply is the script's: of more than 1 MiB of output the first and the last half, and
    /// between them a line `[N bytes left out]`.
    RUN = Tracked(ALL) "run" Run { user: Option<String>, directory: Option<String>, shell } < script => Reply;
    /// Runs a script whose author says that it only reads: a preview runs it too. It's as `run` takes it.
    LOOK = Read() "look" Look { user: Option<String>, directory: Option<String>, shell } < script => Reply;
}
