
# ID -> sets the names of a guard
hl_guard() {
    hl_unit=homelab-guard-$1
    hl_kept=/var/lib/homelab/guard/$1
}

# ID -> absent | armed | reverted
hl_guard_state() {
    hl_guard "$1"
    if [ -e "$hl_kept/reverted" ]; then
        echo reverted
    elif [ -e "$hl_kept/armed" ]; then
        echo armed
    else
        echo absent
    fi
}

# ID SECONDS RELOAD PATH…
hl_guard_arm() {
    hl_guard "$1"
    hl_seconds=$2
    hl_reload=$3
    shift 3
    # What an armed guard keeps was the last that is proved: another change under it goes back to that, too.
    [ -e "$hl_kept/armed" ] || rm -rf "$hl_kept" || return
    (umask 077 && mkdir -p "$hl_kept") || return
    hl_number=0
    for hl_path; do
        ! cat "$hl_kept"/*.path 2>/dev/null | grep -qxF -- "$hl_path" || continue
        while [ -e "$hl_kept/$hl_number.path" ]; do hl_number=$((hl_number + 1)); done
        printf '%s\n' "$hl_path" >"$hl_kept/$hl_number.path" || return
        if [ -e "$hl_path" ]; then
            cp -p "$hl_path" "$hl_kept/$hl_number.file" || return
        fi
    done
    hl_guard_script >"$hl_kept/revert" && hl_guard_units && systemctl daemon-reload &&
        systemctl --quiet enable "$hl_unit.timer" && systemctl restart "$hl_unit.timer" && : >"$hl_kept/armed"
}

# The script that restores the files of a guard. What was not there is taken away again.
hl_guard_script() {
    cat <<END
set -u
cd $hl_kept || exit
for name in *.path; do
    IFS= read -r path <"\$name"
    copy=\${name%.path}.file
    if [ -e "\$copy" ]; then
        cp -p "\$copy" "\$path.homelab-revert" && mv -f "\$path.homelab-revert" "\$path"
    else
        rm -f "\$path"
    fi
done
sync
: >reverted
rm -f armed
systemctl --quiet disable $hl_unit.timer
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
    systemctl stop "$hl_unit.timer" 2>/dev/null
    if [ -e "$hl_kept/reverted" ] || systemctl --quiet is-active "$hl_unit.service"; then
        echo "it has reverted" >&2
        return 75
    fi
    hl_guard_forget "$1"
}

# ID
hl_guard_forget() {
    hl_guard "$1"
    systemctl --quiet disable --now "$hl_unit.timer" 2>/dev/null
    rm -f "/etc/systemd/system/$hl_unit.service" "/etc/systemd/system/$hl_unit.timer"
    rm -rf "$hl_kept" && systemctl daemon-reload
}
