
# Where records of tracked calls are kept. The first place outlives a start of the host; where it can't be written,
# the second one at least takes the output.
hl_places() {
    if [ "$(id -u)" = 0 ]; then
        hl_lasting=/var/lib/homelab/calls
        hl_passing=/run/homelab/calls
    else
        hl_lasting=${HOME:-/nowhere}/.local/state/homelab/calls
        hl_passing=/run/user/$(id -u)/homelab/calls
    fi
}

# TOKEN -> sets hl_record to the folder of its record; fails if there is none
hl_find() {
    hl_places
    for hl_dir in "$hl_lasting" "$hl_passing"; do
        hl_record=$hl_dir/$1
        [ ! -e "$hl_record/began" ] || return 0
    done
    return 1
}

# TOKEN -> sets hl_record to a new folder; fails where nothing can be written
hl_begin() {
    hl_places
    for hl_dir in "$hl_lasting" "$hl_passing"; do
        hl_record=$hl_dir/$1
        (umask 077 && mkdir -p "$hl_record" && (hl_boot_id && echo $$) >"$hl_record/began") 2>/dev/null || continue
        find "$hl_dir" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} + 2>/dev/null
        return 0
    done
    hl_record=
    return 1
}

# TOKEN VERB ARGS…: calls a verb and keeps a record of it. Its output goes through files, so that nothing that it
# leaves running holds the connection.
hl_track() {
    hl_begin "$1"
    hl_begun=$?
    shift
    if [ "$hl_begun" -ne 0 ]; then
        # Without a record hl_settle says `lost`.
        "$@"
        return
    fi
    (umask 077 && : >"$hl_record/output" && : >"$hl_record/error")
    "$@" >>"$hl_record/output" 2>>"$hl_record/error"
    hl_end=$?
    echo "$hl_end" >"$hl_record/new" && mv "$hl_record/new" "$hl_record/ended"
    hl_part "$hl_record/output"
    tail -c 65536 "$hl_record/error" >&2
    return "$hl_end"
}

# FILE -> its bytes; of a long one its start and its end, and between them how much is left out
hl_part() {
    hl_bytes=$(($(wc -c <"$1")))
    if [ "$hl_bytes" -le 1048576 ]; then
        cat "$1"
        return
    fi
    head -c 524288 "$1"
    printf '\n[%s bytes left out]\n' "$((hl_bytes - 1048576))"
    tail -c 524288 "$1"
}

# TOKEN -> absent | running | ended STATUS | lost
hl_settle() {
    if ! hl_find "$1"; then
        if hl_makes "$hl_lasting"; then echo absent; else echo lost; fi
        return 0
    fi
    if [ -e "$hl_record/ended" ]; then
        echo "ended $(cat "$hl_record/ended")"
        tail -c 65536 "$hl_record/error" >&2 2>/dev/null
        return 0
    fi
    { IFS= read -r hl_booted && IFS= read -r hl_pid; } <"$hl_record/began"
    if [ "$hl_booted" = "$(hl_boot_id)" ] && kill -0 "$hl_pid" 2>/dev/null; then
        echo running
    else
        echo lost
    fi
}

# Whether a folder can be written, or made.
hl_makes() {
    hl_above=$1
    while [ ! -e "$hl_above" ] && [ -n "$hl_above" ]; do
        hl_above=${hl_above%/*}
    done
    [ -w "${hl_above:-/}" ]
}

# TOKEN -> the last lines
hl_said() {
    hl_find "$1" || return 66
    tail -n 20 "$hl_record/output"
    tail -n 20 "$hl_record/error" >&2
}

# -> the boot id
hl_boot_id() {
    cat /proc/sys/kernel/random/boot_id
}
