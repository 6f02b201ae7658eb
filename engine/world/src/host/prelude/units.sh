
# UNIT… -> a block of lines each, a blank line between blocks
hl_unit_show() {
    systemctl show --timestamp=us+utc -p Id -p LoadState -p ActiveState -p SubState -p UnitFileState \
        -p NeedDaemonReload -p Result -p ActiveEnterTimestamp -p StateChangeTimestamp \
        -p Type -p RemainAfterExit -p NRestarts -p FragmentPath -p WantedBy -- "$@"
}

# UNIT LINES -> the lines
hl_unit_journal() {
    journalctl --no-pager --output=cat --lines="$2" --unit="$1"
}

# ACTION UNIT
hl_unit_do() {
    systemctl --quiet "$1" -- "$2"
}

hl_units_reload() {
    systemctl daemon-reload
}
