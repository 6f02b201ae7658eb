
# ADDRESS SECONDS SOURCE|- -> answers | silent
hl_ping() {
    case $3 in
    -) set -- "$1" "$2" ;;
    *) set -- "$1" "$2" -I "$3" ;;
    esac
    hl_address=$1
    hl_seconds=$2
    shift 2
    if ping -c 1 -w "$hl_seconds" "$@" "$hl_address" >/dev/null 2>&1; then echo answers; else echo silent; fi
}

# ADDRESS PORT SECONDS -> open | closed: why
hl_port_open() {
    if command -v bash >/dev/null 2>&1; then
        hl_why=$(timeout "$3" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1)
    elif command -v nc >/dev/null 2>&1; then
        hl_why=$(timeout "$3" nc -w "$3" "$1" "$2" </dev/null 2>&1 >/dev/null)
    else
        echo "neither bash nor nc is here to try a port with" >&2
        return 127
    fi
    case $? in
    0) echo open ;;
    124 | 143) echo "closed: no answer within $3 s" ;;
    *)
        hl_why=${hl_why%%
*}
        echo "closed: ${hl_why##*: }"
        ;;
    esac
}

# NAME -> a line an address
hl_resolve() {
    getent ahosts "$1" | while read -r hl_address hl_rest; do
        case $hl_rest in STREAM*) echo "$hl_address" ;; esac
    done
}

# ADDRESS -> dev INTERFACE src SOURCE [via GATEWAY]
hl_route() {
    hl_way=$(ip -o route get "$1" 2>/dev/null) || return 0
    hl_via=
    hl_dev=
    hl_source=
    set -- $hl_way
    while [ $# -gt 1 ]; do
        case $1 in
        via) hl_via=" via $2" ;;
        dev) hl_dev=$2 ;;
        src) hl_source=$2 ;;
        esac
        shift
    done
    echo "dev $hl_dev src $hl_source$hl_via"
}
