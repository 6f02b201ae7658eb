# The verbs of homelab's host protocol, in POSIX sh: commands that a shell reads from its input, as the calls are.
LC_ALL=C
export LC_ALL
unset CDPATH ENV BASH_ENV
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022

# Ends a reply with the mark.
hl_end() {
    hl_status=$?
    printf '\n%s %s\n' "$hl_mark" "$hl_status"
    printf '\n%s\n' "$hl_mark" >&2
    hl_record=
    hl_size=0
}

# COMMAND…: asks for an input that is too long for a command's text, and gives it to COMMAND. Whatever becomes of that, all
# of the input is taken: the shell must never read it as commands.
hl_feed() {
    printf '\n%s go\n' "$hl_mark"
    { head -c "$hl_size" || kill -9 $$; } | {
        "$@"
        hl_status=$?
        cat >/dev/null
        exit "$hl_status"
    }
}

# FILE: fails if it doesn't hold the whole input. The connection may have ended within it, and to a verb that looks
# like its end: who keeps input asks this before using it.
hl_whole() {
    [ "$(($(wc -c <"$1")))" -ne "$hl_size" ] || return 0
    echo "the input ended early" >&2
    return 74
}
