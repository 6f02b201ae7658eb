
# What the shell of a script runs: the script comes through descriptor 3, so that no list of processes shows it.
hl_code='hl=$(cat <&3); exec 3<&-; eval "$hl"'

# USER|- DIRECTORY|- SHELL; the input is a line of environment, a line of script, then the script's own input
hl_run() {
    (
        if ! { IFS= read -r hl_environment && IFS= read -r hl_script; }; then
            echo "the script ended early" >&2
            exit 74
        fi
        hl_size=$((hl_size - ${#hl_environment} - ${#hl_script} - 2))
        hl_own_input || exit
        [ "$2" = - ] || cd -- "$2" || exit
        { printf '%b' "$hl_environment$hl_script" | hl_as "$1" "$3" 3<&0 <&4 4<&-; } 4<&0
    )
}

# Makes what is left of the input the standard input. It's kept in a file first where one can be written: a script
# must not work on half of it because the connection ended.
hl_own_input() {
    if [ "$hl_size" -eq 0 ]; then
        exec </dev/null
    elif [ -n "$hl_record" ]; then
        (umask 077 && cat >"$hl_record/input") && hl_whole "$hl_record/input" && exec <"$hl_record/input"
        hl_end=$?
        rm -f "$hl_record/input"
        return "$hl_end"
    fi
}

# USER|- SHELL
hl_as() {
    if [ "$1" = - ] || [ "$1" = "$(id -un)" ]; then
        "$2" -c "$hl_code" script
        return
    fi
    case $1 in
    -* | *[!A-Za-z0-9._-]*)
        echo "$1: is no name of a user" >&2
        return 67
        ;;
    esac
    if [ "$(id -u)" != 0 ]; then
        echo "only root runs a script as another user" >&2
        return 77
    elif command -v runuser >/dev/null 2>&1; then
        HOME=$(eval "echo ~$1") USER=$1 LOGNAME=$1 runuser -u "$1" -- "$2" -c "$hl_code" script
    else
        su -s "$(command -v "$2")" "$1" -c "$hl_code"
    fi
}

# USER|- DIRECTORY|- SHELL, as hl_run takes them
hl_look() {
    hl_record=
    hl_run "$@"
}
