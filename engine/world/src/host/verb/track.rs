//! What a host knows of calls that take long.

super::verbs! { TRACK:
    /// What became of a tracked call, by its token.
    SETTLE = Read "settle" "TOKEN" => "`absent`, `running`, `ended STATUS` or `lost` (it began, and its end was never recorded)";
    /// The host's boot id, renewed by every start.
    BOOT_ID = Read "boot_id" "" => "the id";
}
