
# Fails where there is no apt.
hl_has_apt() {
    if ! command -v "$1" >/dev/null 2>&1; then
        echo "$1: not found; packages are managed on Debian only" >&2
        return 69
    fi
}

# NAME… -> a line a package that dpkg knows
hl_packages() {
    hl_has_apt dpkg-query || return
    hl_known=$(dpkg-query --show --showformat '${Package} ${db:Status-Want} ${db:Status-Status} ${Version}\n' -- "$@" 2>/dev/null)
    [ $? -le 1 ] || { dpkg-query --show -- "$@" >/dev/null; return 1; }
    [ -z "$hl_known" ] || printf '%s\n' "$hl_known" | sort -u
}

# NAME… -> a line a package that has a candidate. Without cache files: a read leaves the host as it is.
hl_package_candidates() {
    hl_has_apt apt-cache || return
    hl_policy=$(apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy -- "$@") || return
    while read -r hl_word hl_value hl_x; do
        case $hl_word in
        Candidate:) [ "$hl_value" = '(none)' ] || echo "$hl_name $hl_value" ;;
        Installed: | Version | '***') ;;
        *:) [ -n "$hl_value" ] || hl_name=${hl_word%:} ;;
        esac
    done <<EOT
$hl_policy
EOT
}

hl_stamp=/var/lib/apt/periodic/update-success-stamp

# -> the age of apt's lists
hl_package_lists() {
    hl_has_apt apt-get || return
    hl_lists=$hl_stamp
    if [ ! -e "$hl_lists" ]; then
        hl_lists=/var/lib/apt/lists
        if ! ls "$hl_lists" 2>/dev/null | grep -q Packages; then
            echo never
            return 0
        fi
    fi
    if [ -n "$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings -newer "$hl_lists" 2>/dev/null)" ]; then
        echo changed
        return 0
    fi
    hl_then=$(stat -c %Y "$hl_lists") && hl_now=$(date +%s) && echo $((hl_now - hl_then))
}

# How long somebody else's lock is waited for, in seconds.
hl_patience=${HL_LOCK_PATIENCE:-300}

# ARGS…: apt-get, which asks nothing, and waits for the locks of others
hl_apt_get() {
    hl_has_apt apt-get || return
    hl_until=$(($(date +%s) + hl_patience))
    # apt itself waits for dpkg's lock alone.
    while :; do
        hl_words=$(DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1 apt-get -q -y \
            -o "DPkg::Lock::Timeout=$hl_patience" -o Dpkg::Use-Pty=0 -o APT::Update::Error-Mode=any \
            -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" 2>&1 </dev/null)
        hl_end=$?
        [ "$hl_end" -ne 0 ] || break
        case $hl_words in
        *'is held by process '*) ;;
        *) break ;;
        esac
        [ "$(date +%s)" -lt "$hl_until" ] || break
        sleep 2
    done
    if [ "$hl_end" -eq 0 ]; then
        printf '%s\n' "$hl_words"
        return 0
    fi
    printf '%s\n' "$hl_words" | tail -n 40 >&2
    case $hl_words in
    *'is held by process '*)
        hl_holder=${hl_words##*is held by process }
        hl_holder=${hl_holder%%[!0-9]*}
        echo "the lock is held by process $hl_holder: $(tr '\0' ' ' 2>/dev/null <"/proc/$hl_holder/cmdline")" >&2
        ;;
    esac
    return "$hl_end"
}

hl_packages_update() {
    hl_apt_get update >/dev/null || return
    mkdir -p "${hl_stamp%/*}" && touch "$hl_stamp"
}

# OPTIONS NAME…: nothing that is there is taken away for it
hl_packages_install() {
    hl_options=$1
    shift
    case $hl_options in *bare*) set -- --no-install-recommends "$@" ;; esac
    case $hl_options in *held*) set -- --allow-change-held-packages "$@" ;; esac
    hl_apt_get --no-remove --allow-downgrades install "$@"
}

# OPTIONS NAME…
hl_packages_remove() {
    hl_options=$1
    shift
    case $hl_options in
    *dependents*) ;;
    *) hl_only "$@" || return ;;
    esac
    hl_action=remove
    case $hl_options in *purge*) hl_action=purge ;; esac
    case $hl_options in *held*) set -- --allow-change-held-packages "$@" ;; esac
    hl_apt_get "$hl_action" "$@"
}

# NAME…: fails if others would go with them
hl_only() {
    hl_plan=$(LC_ALL=C apt-get -s -q remove "$@" 2>&1 </dev/null) || {
        printf '%s\n' "$hl_plan" >&2
        return 100
    }
    hl_others=
    while read -r hl_word hl_name hl_x; do
        [ "$hl_word" = Remv ] || continue
        case " $* " in
        *" $hl_name "*) ;;
        *) hl_others="$hl_others $hl_name" ;;
        esac
    done <<EOT
$hl_plan
EOT
    if [ -n "$hl_others" ]; then
        echo "packages that need them would go too:$hl_others" >&2
        return 65
    fi
}

# ACTION NAME…
hl_packages_hold() {
    hl_has_apt apt-mark && apt-mark "$@" >/dev/null
}
