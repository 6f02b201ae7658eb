//! Settings that the program which reads them checks before they take their place.

super::verbs! { CHECKED:
    /// As `write`, but what reads the file checks it first: `sshd` with `sshd -t`, `unit` with `systemd-analyze verify`.
    WRITE_CHECKED = Write(FILES) "write_checked" "PATH MODE OWNER GROUP CHECK <BYTES>" => "nothing";
    /// Checks calendar events; where nothing can, all are right.
    CALENDAR = Read(FILES) "calendar" "EXPRESSION…" => "nothing";
    /// sshd's settings as they take effect; status 69 if there is no sshd.
    SSHD_SETTINGS = Read(FILES) "sshd_settings" "" => "what `sshd -T` prints: a line a setting, its name in lower case";
}
