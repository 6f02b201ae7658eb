//! systemd's units.

use super::Pairs;

super::asks! { UNITS:
    /// What systemd says of a unit: Id, LoadState, ActiveState, SubState, UnitFileState, FragmentPath, WantedBy, NeedDaemonReload,
    /// Result, of services Type, RemainAfterExit and NRestarts, ActiveEnterTimestamp (`Wed 2026-11-25 15:44:07.123456 UTC`,
    /// empty if it never was), StateChangeTimestamp (also renewed by a reload).
    UNIT_SHOW = Read(FILES | UNITS) "unit_show" UnitShow { unit } by Blocks => Pairs<'='>;
    /// The last lines of a unit's journal.
    UNIT_JOURNAL = Read() "unit_journal" UnitJournal { unit, lines: u64 } => Vec<String>;
    /// Does something to a unit.
    UNIT_DO = Write(ALL) "unit_do" UnitDo { action: UnitAction, unit } => ();
    /// Lets systemd read its units again.
    UNITS_RELOAD = Write(FILES | UNITS) "units_reload" UnitsReload {} => ();
}

super::words! {
    /// What is done to a unit.
    UnitAction {
        /// It's started.
        Start = "start",
        /// It's stopped.
        Stop = "stop",
        /// It's stopped and started.
        Restart = "restart",
        /// It reads its own files again.
        Reload = "reload",
        /// It starts with the host.
        Enable = "enable",
        /// It doesn't.
        Disable = "disable",
        /// Nothing may start it.
        Mask = "mask",
        /// It may be started again.
        Unmask = "unmask",
    }
}
