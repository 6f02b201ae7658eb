
# PATH MODE OWNER GROUP CHECK, the bytes as input: they take their place only if CHECK takes them
hl_write_checked() {
    hl_trial=$(mktemp -d) || return
    cat >"$hl_trial/new" && hl_check "$hl_trial" "$1" "$5" && hl_write "$1" "$2" "$3" "$4" <"$hl_trial/new"
    hl_end=$?
    rm -rf "$hl_trial"
    return "$hl_end"
}

# FOLDER PATH CHECK: whether FOLDER/new may stand at PATH. What is said names the real places.
hl_check() {
    hl_place=${2%/*}
    case $3 in
    sshd)
        hl_place=/etc/ssh
        hl_check_sshd "$1" "$2"
        ;;
    unit) hl_check_unit "$1" "$2" ;;
    *)
        echo "there is no check '$3'" >&2
        return 64
        ;;
    esac >"$1/said" 2>&1
    hl_end=$?
    [ "$hl_end" -eq 0 ] || sed -e "s|$1/|$hl_place/|g" "$1/said" >&2
    return "$hl_end"
}

# sshd reads a copy of all its settings, with the new ones among them.
hl_check_sshd() {
    hl_has_sshd && mkdir "$1/sshd_config.d" || return
    if [ "$2" = /etc/ssh/sshd_config ]; then
        hl_main=$1/new
    else
        hl_main=/etc/ssh/sshd_config
    fi
    for hl_path in /etc/ssh/sshd_config.d/*.conf; do
        [ ! -f "$hl_path" ] || cp "$hl_path" "$1/sshd_config.d/" || return
    done
    [ "$hl_main" = "$1/new" ] || cp "$1/new" "$1/sshd_config.d/${2##*/}" || return
    sed -e "s|/etc/ssh/sshd_config\.d/|$1/sshd_config.d/|" \
        -e "s|^\([Ii]nclude[[:space:]]*\)sshd_config\.d/|\1$1/sshd_config.d/|" "$hl_main" >"$1/sshd_config" || return
    sshd -t -f "$1/sshd_config"
}

hl_check_unit() {
    command -v systemd-analyze >/dev/null 2>&1 || return 0
    cp "$1/new" "$1/${2##*/}" && systemd-analyze --no-pager --man=no --recursive-errors=no verify "$1/${2##*/}"
}

# EXPRESSION…
hl_calendar() {
    command -v systemd-analyze >/dev/null 2>&1 || return 0
    systemd-analyze --no-pager calendar -- "$@" >/dev/null
}

hl_has_sshd() {
    if ! command -v sshd >/dev/null 2>&1; then
        echo "sshd: not found" >&2
        return 69
    fi
}

# -> its settings
hl_sshd_settings() {
    hl_has_sshd && sshd -T
}
