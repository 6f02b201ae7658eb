
# Where records of tracked calls are kept: they outlive a start of the host.
hl_records() {
    if [ "$(id -u)" = 0 ]; then
        hl_dir=/var/lib/homelab/calls
    else
        hl_dir=${HOME:-/nowhere}/.local/state/homelab/calls
    fi
}

# TOKEN VERB ARGS…: calls a verb and keeps a record of it. Its output goes through files, so that nothing that it
# leaves running holds the connection.
hl_track() {
    hl_records
    hl_record=$hl_dir/$1
    shift
    if ! mkdir -p "$hl_record" 2>/dev/null || ! (hl_boot_id && echo $$) >"$hl_record/began" 2>/dev/null; then
        # Where nothing can be written there is no record; hl_settle says so.
        "$@"
        return
    fi
    find "$hl_dir" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} + 2>/dev/null
    "$@" >"$hl_record/output" 2>"$hl_record/error"
    hl_end=$?
    echo "$hl_end" >"$hl_record/new" && mv "$hl_record/new" "$hl_record/ended"
    cat "$hl_record/output"
    cat "$hl_record/error" >&2
    return "$hl_end"
}

# TOKEN -> absent | running | ended STATUS | lost
hl_settle() {
    hl_records
    hl_record=$hl_dir/$1
    if [ -e "$hl_record/ended" ]; then
        echo "ended $(cat "$hl_record/ended")"
        cat "$hl_record/error" >&2 2>/dev/null
        return 0
    fi
    if [ ! -e "$hl_record/began" ]; then
        echo absent
        return 0
    fi
    { IFS= read -r hl_booted && IFS= read -r hl_pid; } <"$hl_record/began"
    if [ "$hl_booted" = "$(hl_boot_id)" ] && kill -0 "$hl_pid" 2>/dev/null; then
        echo running
    else
        echo lost
    fi
}

# -> the boot id
hl_boot_id() {
    cat /proc/sys/kernel/random/boot_id
}
