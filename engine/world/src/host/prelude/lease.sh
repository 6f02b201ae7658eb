
# PATH -> quorum yes|no, then AGE TOKEN OWNER if somebody has it; the file system of a cluster is two folders above
hl_lease() {
    [ -d "${1%/*/*}" ] || return 66
    hl_value=yes
    ! grep -q '"quorate": *0' "${1%/*/*/*}/.members" 2>/dev/null || hl_value=no
    echo "quorum $hl_value"
    hl_then=$(stat -c %Y -- "$1/owner" 2>/dev/null || stat -c %Y -- "$1" 2>/dev/null) || return 0
    hl_lease_owner "$1"
    echo "$(($(date +%s) - hl_then)) $hl_value"
}

# PATH -> sets hl_value to TOKEN OWNER, or to what stands for one who hasn't written himself in
hl_lease_owner() {
    hl_value=
    ! [ -f "$1/owner" ] || read -r hl_value <"$1/owner"
    [ -n "$hl_value" ] || hl_value='? somebody'
}

# PATH TOKEN: fails if the token isn't its owner's
hl_lease_is() {
    hl_lease_owner "$1"
    if [ "${hl_value%% *}" != "$2" ]; then
        echo "${hl_value#* } has it" >&2
        return 75
    fi
}

# PATH OVER < OWNER; to make a folder is one step for all nodes of a cluster, and so is to rename one
hl_lease_take() {
    mkdir -p -- "${1%/*}" || return
    if [ "$2" != - ] && [ -d "$1" ] && hl_lease_is "$1" "$2"; then
        hl_old=$1.$2
        rm -rf -- "$hl_old" && mv -- "$1" "$hl_old" || return
        if ! hl_lease_is "$hl_old" "$2"; then
            mv -- "$hl_old" "$1"
            return 73
        fi
        rm -rf -- "$hl_old"
    fi
    if ! mkdir -- "$1"; then
        [ -d "$1" ] && return 73
        return 1
    fi
    cat >"$1/owner"
}

# PATH TOKEN < OWNER
hl_lease_renew() {
    hl_lease_is "$1" "$2" && cat >"$1/owner.new" && mv -f -- "$1/owner.new" "$1/owner"
}

# PATH TOKEN
hl_lease_free() {
    hl_lease_is "$1" "$2" && rm -r -- "$1"
}
