
# ID -> sets the names of a guard
hl_guard() {
    hl_unit=homelab-guard-$1
    hl_kept=/var/lib/homelab/guard/$1
}

# ID -> absent | armed | reverting | reverted
#
# A mark in the guard's folder says where it stands. The script that reverts begins by renaming `armed`, and so does a
# confirmation: only one of the two can, and that decides.
hl_guard_state() {
    hl_guard "$1"
    for hl_stage in reverted reverting armed; do
        [ ! -e "$hl_kept/$hl_stage" ] || break
        hl_stage=absent
    done
    echo "$hl_stage"
}

# ID SECONDS RELOAD PATH…
hl_guard_arm() {
    hl_guard "$1"
    hl_seconds=$2
    hl_reload=$3
    shift 3
    # What an armed guard keeps was the last that is proved: another change under it goes back to that, too. Its time
    # begins anew before anything else, so that it doesn't revert meanwhile.
    if [ -e "$hl_kept/armed" ]; then
        hl_guard_units && hl_guard_wait && hl_guard_keep "$@" && hl_guard_script >"$hl_kept/revert" || return
        [ -e "$hl_kept/armed" ] || hl_guard_late
        return
    fi
    [ ! -e "$hl_kept/reverting" ] || hl_guard_late || return
    rm -rf "$hl_kept" && (umask 077 && mkdir -p "$hl_kept") && hl_guard_keep "$@" &&
        hl_guard_script >"$hl_kept/revert" && hl_guard_units && systemctl --quiet enable "$hl_unit.timer" &&
        : >"$hl_kept/armed" || return
    hl_guard_wait || {
        hl_status=$?
        rm -f "$hl_kept/armed"
        return "$hl_status"
    }
}

# PATH… -> copies of what is there, and marks of what is not
hl_guard_keep() {
    hl_number=0
    for hl_path; do
        ! cat "$hl_kept"/*.path 2>/dev/null | grep -qxF -- "$hl_path" || continue
        while [ -e "$hl_kept/$hl_number.path" ]; do hl_number=$((hl_number + 1)); done
        if [ -e "$hl_path" ]; then
            cp -p "$hl_path" "$hl_kept/$hl_number.file" || return
        else
            : >"$hl_kept/$hl_number.absent" || return
        fi
        printf '%s\n' "$hl_path" >"$hl_kept/$hl_number.path" || return
    done
}

hl_guard_wait() {
    systemctl daemon-reload && systemctl restart "$hl_unit.timer"
}

hl_guard_late() {
    echo "it has reverted" >&2
    return 75
}

# The script that restores the files of a guard. What was not there is taken away again. It may be stopped at any line, by
# a start of the host too, and run again.
hl_guard_script() {
    cat <<END
set -u
cd $hl_kept || exit
[ -e reverting ] || mv armed reverting || exit
failed=0
for name in *.path; do
    IFS= read -r path <"\$name"
    copy=\${name%.path}.file
    if [ -e "\$copy" ]; then
        cp -p "\$copy" "\$path.homelab-revert" && mv -f "\$path.homelab-revert" "\$path" || failed=1
    elif [ -e "\${name%.path}.absent" ]; then
        rm -f "\$path" || failed=1
    fi
done
sync
case $hl_reload in
network)
    rm -f /etc/network/interfaces.new
    systemctl stop homelab-network-reload.timer homelab-network-reload.service 2>/dev/null
    for again in 1 2 3 4 5; do
        ifreload -a || systemctl restart networking && break
        sleep 2
    done
    ;;
sshd) systemctl reload-or-restart ssh || systemctl reload-or-restart sshd ;;
esac
[ \$failed = 0 ] || exit 1
mv reverting reverted
systemctl --quiet disable $hl_unit.timer
END
}

hl_guard_units() {
    cat >"/etc/systemd/system/$hl_unit.service" <<END && cat >"/etc/systemd/system/$hl_unit.timer" <<END2
[Unit]
Description=Restores what homelab changed and nobody confirmed
[Service]
Type=oneshot
ExecStart=/bin/sh $hl_kept/revert
END
[Unit]
Description=Waits until homelab's change is confirmed
[Timer]
OnActiveSec=$hl_seconds
AccuracySec=100ms
[Install]
WantedBy=timers.target
END2
}

# ID
hl_guard_disarm() {
    hl_guard "$1"
    # A mark `confirmed` is left by one that was cut off.
    mv "$hl_kept/armed" "$hl_kept/confirmed" 2>/dev/null || [ -e "$hl_kept/confirmed" ] || [ ! -e "$hl_kept" ] ||
        hl_guard_late || return
    hl_guard_forget "$1"
}

# ID
hl_guard_forget() {
    hl_guard "$1"
    systemctl --quiet disable --now "$hl_unit.timer" 2>/dev/null
    rm -f "/etc/systemd/system/$hl_unit.service" "/etc/systemd/system/$hl_unit.timer"
    rm -rf "$hl_kept" && systemctl daemon-reload
}
