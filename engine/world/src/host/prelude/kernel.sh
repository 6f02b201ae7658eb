
# NAME… with slashes -> `value VALUE` or `absent` each
hl_sysctl() {
    if [ $# -gt 1 ] && hl_sysctl_all "$@"; then
        printf %s "$hl_out"
        return 0
    fi
    for hl_name; do
        if [ ! -e "/proc/sys/$hl_name" ]; then
            echo absent
            continue
        fi
        hl_value=$(cat "/proc/sys/$hl_name") || return
        hl_plain "$hl_value"
        printf 'value %s\n' "$hl_plain"
    done
}

# TEXT -> sets hl_plain to it with each white space as one blank
hl_plain() {
    set -f
    # shellcheck disable=SC2086
    set -- $1
    set +f
    hl_plain=$*
}

# NAME… -> sets hl_out, with one program for all; fails where it takes one each. The shell itself can't read them: it reads
# byte by byte, and the kernel gives a number's first byte alone.
hl_sysctl_all() {
    hl_all=$(hl_sysctl_values "$@" 2>/dev/null) || return
    hl_lines hl_all_ "$hl_all"
    hl_out=
    hl_at=0
    for hl_name; do
        if [ ! -e "/proc/sys/$hl_name" ]; then
            hl_out="${hl_out}absent$hl_newline"
            continue
        fi
        hl_at=$((hl_at + 1))
        [ "$hl_at" -le "$hl_number" ] || return
        eval "hl_value=\$hl_all_$hl_at"
        case $hl_value in
        "/proc/sys/$hl_name:"*) hl_value=${hl_value#"/proc/sys/$hl_name:"} ;;
        *) return 1 ;;
        esac
        hl_plain "$hl_value"
        hl_out="${hl_out}value $hl_plain$hl_newline"
    done
    [ "$hl_at" -eq "$hl_number" ]
}

# NAME… -> `/proc/sys/NAME:VALUE` each that is there
hl_sysctl_values() {
    for hl_name; do
        shift
        [ ! -e "/proc/sys/$hl_name" ] || set -- "$@" "/proc/sys/$hl_name"
    done
    [ $# -eq 0 ] || grep -H '' "$@"
}

# NAME VALUE
hl_sysctl_set() {
    sysctl -q -w "$1=$2"
}

# -> the names of loaded modules
hl_modules_loaded() {
    [ ! -r /proc/modules ] || sed 's/ .*//' /proc/modules | sort
}

# NAME… -> loaded | builtin | available | absent
hl_modules() {
    hl_loaded="
$(hl_modules_loaded)
"
    hl_builtin="
$(sed 's/.*\///;s/\.ko.*//;y/-/_/' "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null)
"
    for hl_name; do
        case $hl_loaded in
        *"
$hl_name
"*)
            echo loaded
            continue
            ;;
        esac
        case $hl_builtin in
        *"
$hl_name
"*) echo builtin ;;
        *) if modprobe -n -q -- "$hl_name" 2>/dev/null; then echo available; else echo absent; fi ;;
        esac
    done
}

# NAME
hl_module_load() {
    modprobe -- "$1"
}

# -> the line
hl_cmdline() {
    cat /proc/cmdline
}
