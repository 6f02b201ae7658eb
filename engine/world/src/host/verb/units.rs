//! systemd's units.

super::verbs! { UNITS:
    /// What systemd says of units.
    UNIT_SHOW = Read(FILES | UNITS) by Blocks "unit_show" "UNIT…" => "a block of lines `NAME=VALUE` a unit, a blank line between blocks: Id, LoadState, ActiveState, SubState, UnitFileState, FragmentPath, WantedBy, NeedDaemonReload, Result, of services Type, RemainAfterExit and NRestarts, ActiveEnterTimestamp (`Wed 2026-11-25 15:44:07.123456 UTC`, empty if it never was), StateChangeTimestamp (also renewed by a reload)";
    /// The last lines of a unit's journal.
    UNIT_JOURNAL = Read() "unit_journal" "UNIT LINES" => "the lines";
    /// Does something to a unit: `start`, `stop`, `restart`, `reload`, `enable`, `disable`, `mask`, `unmask`.
    UNIT_DO = Write(ALL) "unit_do" "ACTION UNIT" => "nothing";
    /// Lets systemd read its units again.
    UNITS_RELOAD = Write(FILES | UNITS) "units_reload" "" => "nothing";
}
