# The verbs of homelab's host protocol, in POSIX sh. Sent once per connection; hl_serve answers calls.

# PATH -> TYPE MODE SIZE [SHA256]
hl_stat() {
    if [ -L "$1" ]; then hl_type=link
    elif [ -f "$1" ]; then hl_type=file
    elif [ -d "$1" ]; then hl_type=directory
    elif [ -e "$1" ]; then hl_type=other
    else
        hl_within "$1" || return
        echo absent
        return 0
    fi
    hl_numbers=$(stat -c '%a %s' "$1" 2>/dev/null || stat -f '%Lp %z' "$1") || return
    if [ "$hl_type" != file ]; then
        echo "$hl_type $hl_numbers"
        return 0
    fi
    hl_sum=$(sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1") || return
    echo "$hl_type $hl_numbers ${hl_sum%% *}"
}

# Fails if the folders above PATH can't be searched: then nobody knows whether PATH is there.
hl_within() {
    case $1 in
    */*) hl_above=${1%/*} ;;
    *) hl_above=. ;;
    esac
    [ -n "$hl_above" ] || hl_above=/
    if [ -d "$hl_above" ] && [ ! -x "$hl_above" ]; then
        echo "$hl_above: may not be searched" >&2
        return 77
    fi
}

# PATH -> the bytes of the file
hl_read() {
    if [ ! -e "$1" ] && [ ! -L "$1" ]; then
        hl_within "$1" || return
        return 66
    fi
    if [ -d "$1" ]; then
        echo "$1: is a directory" >&2
        return 73
    fi
    cat <"$1"
}

# PATH MODE, the bytes as input: a new file takes the old one's place whole or not at all
hl_write() {
    if [ -d "$1" ]; then
        echo "$1: is a directory" >&2
        return 73
    fi
    hl_new=$1.homelab-$$
    rm -f "$hl_new" || return
    (umask 077 && set -C && cat >"$hl_new") && chmod "$2" "$hl_new" && hl_sync "$hl_new" && mv -f "$hl_new" "$1"
    hl_end=$?
    if [ "$hl_end" -ne 0 ]; then
        rm -f "$hl_new"
        return "$hl_end"
    fi
    case $1 in
    */*) hl_sync "${1%/*}/" ;;
    *) hl_sync . ;;
    esac
}

hl_sync() {
    sync "$1" 2>/dev/null || sync
}

# PATH
hl_remove() {
    if [ -d "$1" ] && [ ! -L "$1" ]; then
        echo "$1: is a directory" >&2
        return 73
    fi
    rm -f "$1"
}

# Answers calls until the input ends. A call is lines: the verb, the count of arguments, the count of input
# lines, the arguments, the input; the last two as printf's %b reads them. The reply is lines of hexadecimal
# bytes: the output with a blank and the status after it; `-`; standard error; `.`.
hl_serve() {
    exec 3>&1
    while IFS= read -r hl_verb && IFS= read -r hl_count && IFS= read -r hl_lines; do
        set -- "$hl_verb"
        while [ "$hl_count" -gt 0 ]; do
            IFS= read -r hl_argument || return
            hl_argument=$(printf '%b.' "$hl_argument")
            set -- "$@" "${hl_argument%.}"
            hl_count=$((hl_count - 1))
        done
        hl_error=$({
            {
                hl_input "$hl_lines" | "$@" 3>&-
                printf ' %s' "$?"
            } 2>&5 | od -An -v -tx1 >&3
        } 5>&1)
        echo -
        printf '%s' "$hl_error" | od -An -v -tx1
        echo .
    done
}

# Takes all input lines of a call, also when the verb doesn't read them: the next call starts behind them.
hl_input() {
    trap '' PIPE
    hl_left=$1
    while [ "$hl_left" -gt 0 ]; do
        IFS= read -r hl_line || return
        printf '%b' "$hl_line" 2>/dev/null || :
        hl_left=$((hl_left - 1))
    done
}
