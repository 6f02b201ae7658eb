# The verbs of homelab's host protocol, in POSIX sh. Sent once per connection; hl_serve answers calls.
LC_ALL=C
export LC_ALL
unset CDPATH ENV BASH_ENV
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

# Answers calls until the input ends. MARK ends each reply.
hl_serve() {
    hl_mark=$1
    printf '\n%s ready\n' "$hl_mark"
    printf '\n%s\n' "$hl_mark" >&2
    while IFS= read -r hl_verb && IFS= read -r hl_token && IFS= read -r hl_count && IFS= read -r hl_lines; do
        set -- "hl_$hl_verb"
        while [ "$hl_count" -gt 0 ]; do
            IFS= read -r hl_argument || return
            case $hl_argument in
            *\\*)
                hl_argument=$(printf '%b.' "$hl_argument")
                hl_argument=${hl_argument%.}
                ;;
            esac
            set -- "$@" "$hl_argument"
            hl_count=$((hl_count - 1))
        done
        hl_size=${hl_lines#* }
        hl_lines=${hl_lines% *}
        hl_record=
        [ "$hl_token" = - ] || set -- hl_track "$hl_token" "$@"
        if [ "$hl_lines" -gt 0 ]; then
            hl_input "$hl_lines" | "$@"
        else
            "$@" </dev/null
        fi
        hl_status=$?
        printf '\n%s %s\n' "$hl_mark" "$hl_status"
        printf '\n%s\n' "$hl_mark" >&2
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

# FILE: fails if it doesn't hold the whole input. The connection may have ended within it, and to a verb that looks
# like its end: who keeps input asks this before using it.
hl_whole() {
    [ "$(($(wc -c <"$1")))" -ne "$hl_size" ] || return 0
    echo "the input ended early" >&2
    return 74
}
