//! What a host knows of calls that take long.

super::verbs! { TRACK:
    /// What became of a tracked call, by its token.
    SETTLE = Read() "settle" "TOKEN" => "`absent`, `running`, `ended STATUS` or `lost` (it began, and its end was never recorded; or nothing can be recorded here)";
    /// The last lines of a tracked call, also while it runs; status 66 if there is no record.
    SAID = Read() "said" "TOKEN" => "the last 20 lines of its output, and on standard error those of its standard error";
    /// The host's boot id, renewed by every start.
    BOOT_ID = Read() "boot_id" "" => "the id";
}
