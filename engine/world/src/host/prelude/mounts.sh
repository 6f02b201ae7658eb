
# PATH… -> `mounted SOURCE FSTYPE OPTIONS` or `absent` each
hl_mounts() {
    for hl_path; do
        hl_line=$(findmnt -n -r -c -o SOURCE,FSTYPE,OPTIONS --mountpoint "$hl_path" 2>/dev/null | tail -n1)
        if [ -n "$hl_line" ]; then
            echo "mounted $hl_line"
        else
            echo absent
        fi
    done
}

# mount|remount|unmount PATH SECONDS
hl_mount_do() {
    # systemd makes units of fstab's lines.
    [ "$1" = unmount ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload
    case $1 in
    mount) timeout -k 5 "$3" mount "$2" ;;
    remount)
        case ,$(findmnt -s -n -o OPTIONS "$2"), in
        # What is bound somewhere takes its flags when it's bound.
        *,bind,* | *,rbind,*) timeout -k 5 "$3" umount "$2" && timeout -k 5 "$3" mount "$2" ;;
        *) timeout -k 5 "$3" mount -o remount "$2" ;;
        esac
        ;;
    unmount) timeout -k 5 "$3" umount "$2" ;;
    *)
        echo "$1: neither mount, remount nor unmount" >&2
        return 64
        ;;
    esac
    hl_end=$?
    case $hl_end in
    124 | 137) echo "$1 $2: given up after $3 s" >&2 ;;
    esac
    return "$hl_end"
}
