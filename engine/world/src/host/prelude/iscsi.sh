
hl_has_iscsi() {
    if ! command -v iscsiadm >/dev/null; then
        echo "there is no iscsiadm: open-iscsi isn't installed" >&2
        return 69
    fi
}

# TARGET PORTAL (with its port) -> record, session, devices
hl_iscsi() {
    hl_has_iscsi || return
    hl_startup=- hl_method=- hl_user=-
    hl_record=$(iscsiadm -m node -T "$1" -p "$2" 2>/dev/null)
    if [ -n "$hl_record" ]; then
        while IFS=' ' read -r hl_key hl_value hl_name; do
            case $hl_key in
            node.startup) hl_startup=$hl_name ;;
            node.session.auth.authmethod) hl_method=$hl_name ;;
            node.session.auth.username) [ "$hl_name" = '<empty>' ] || hl_user=$hl_name ;;
            esac
        done <<END
$hl_record
END
        echo "record $hl_startup $hl_method $hl_user"
    fi
    iscsiadm -m session 2>/dev/null | while read -r hl_key hl_value hl_name hl_line; do
        case "$hl_name ${hl_line%% *}" in
        "$2,"*" $1") echo "session ${hl_name%,*}" ;;
        esac
    done
    for hl_path in /dev/disk/by-path/ip-"$2"-iscsi-"$1"-lun-*; do
        case $hl_path in
        *-part[0-9]*) ;;
        *) [ ! -e "$hl_path" ] || echo "device $hl_path ${hl_path##*-lun-}" ;;
        esac
    done
}

# PORTAL; only new records are made: those that are there keep their values
hl_iscsi_discover() {
    hl_has_iscsi && iscsiadm -m discovery -t sendtargets -p "$1" -o new
}

# TARGET PORTAL, lines NAME VALUE as input. The record's file is written anew, so that no value is an argument.
hl_iscsi_set() {
    hl_set=$(cat)
    hl_found=66
    hl_name=$1/${2%:*},${2##*:}
    for hl_path in /var/lib/iscsi/nodes/"$hl_name"* /etc/iscsi/nodes/"$hl_name"*; do
        [ ! -d "$hl_path" ] || hl_path=$hl_path/default
        [ -f "$hl_path" ] || continue
        (umask 077 && hl_iscsi_record "$hl_path" >"$hl_path.homelab-$$") && mv -f "$hl_path.homelab-$$" "$hl_path" || return
        hl_found=0
    done
    [ "$hl_found" = 0 ] || echo "there is no record of $1 at $2" >&2
    return "$hl_found"
}

# FILE: its text with the lines of hl_set in place of its own
hl_iscsi_record() {
    while IFS= read -r hl_line; do
        case "
$hl_set" in
        *"
${hl_line%% = *} "*) ;;
        *) [ "$hl_line" = '# END RECORD' ] || printf '%s\n' "$hl_line" ;;
        esac
    done <"$1"
    printf '%s\n' "$hl_set" | while read -r hl_key hl_value; do
        printf '%s = %s\n' "$hl_key" "$hl_value"
    done
    echo '# END RECORD'
}

# login|logout TARGET PORTAL
hl_iscsi_do() {
    hl_has_iscsi && iscsiadm -m node -T "$2" -p "$3" "--$1" || return
    # The devices have their names only once udev has heard of them.
    ! command -v udevadm >/dev/null || udevadm settle --timeout=30 || :
}
