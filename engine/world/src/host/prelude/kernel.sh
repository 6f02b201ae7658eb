
# NAME… with slashes -> `value VALUE` or `absent` each
hl_sysctl() {
    for hl_name; do
        if [ ! -e "/proc/sys/$hl_name" ]; then
            echo absent
            continue
        fi
        hl_value=$(cat "/proc/sys/$hl_name") || return
        set -f
        # shellcheck disable=SC2086
        set -- $hl_value
        set +f
        echo "value $*"
    done
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
