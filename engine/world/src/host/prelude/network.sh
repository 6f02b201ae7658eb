
# What the reload says: `reloading`, or `reloaded STATUS` and its words.
hl_network=/run/homelab-network-reload

hl_network_reload() {
    # One that goes on is as good as another.
    ! systemctl --quiet is-active homelab-network-reload.timer homelab-network-reload.service || return 0
    case $(systemctl is-active homelab-network-reload.service) in activating | deactivating) return 0 ;; esac
    echo reloading >"$hl_network" &&
        systemd-run --quiet --collect --unit=homelab-network-reload --on-active=1 --timer-property=AccuracySec=100ms /bin/sh -c "
            if command -v ifreload >/dev/null; then
                words=\$(ifreload -a 2>&1)
            else
                words=\$(systemctl restart networking 2>&1)
            fi
            { echo reloaded \$?; printf '%s\n' \"\$words\"; } >$hl_network.new
            mv $hl_network.new $hl_network"
}

hl_network_state() {
    cat "$hl_network" 2>/dev/null || echo idle
}
