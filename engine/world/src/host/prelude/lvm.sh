
hl_has_lvm() {
    if ! command -v vgs >/dev/null; then
        echo "there is no vgs: lvm2 isn't installed" >&2
        return 69
    fi
}

# GROUP -> group, physical and logical volumes
hl_lvm() {
    hl_has_lvm || return
    if ! hl_line=$(vgs --noheadings --units b --nosuffix -o vg_name,vg_size,vg_free "$1" 2>&1); then
        case $hl_line in
        *'not found'*) return 66 ;;
        esac
        echo "$hl_line" >&2
        return 5
    fi
    set -f
    # shellcheck disable=SC2086
    echo group $hl_line
    set +f
    pvs --noheadings --units b --nosuffix -o pv_name,pv_size -S "vg_name=$1" | while read -r hl_path hl_size; do
        echo "physical $(readlink -f "$hl_path") $hl_size"
    done
    lvs --noheadings --units b --nosuffix -o lv_name,lv_size,lv_attr,pool_lv "$1" |
        awk '{ print "logical", $1, $2, $3, (NF > 3 ? $4 : "-") }'
}

# DEVICE… -> `DEVICE REAL SIZE SERIAL USE` each
hl_signatures() {
    for hl_path; do
        if [ ! -b "$hl_path" ]; then
            echo "$hl_path: no block device" >&2
            return 66
        fi
        hl_used "$hl_path" || return
        hl_size=$(lsblk -bdnro SIZE "$hl_path") && hl_serial=$(lsblk -dnro SERIAL "$hl_path") || return
        echo "$hl_path $hl_real $hl_size ${hl_serial:--} ${hl_use:-empty}"
    done
}

# DEVICE: what is on it, in hl_use. What can't be looked at isn't empty.
hl_used() {
    hl_use=''
    hl_tree=$(lsblk -nro TYPE,MOUNTPOINT "$1") || return
    case $hl_tree in
    *' /'* | *' [SWAP]'*) hl_use=mounted ;;
    esac
    case "
$hl_tree" in
    *"
part"*) hl_use=${hl_use:+$hl_use,}partitions ;;
    esac
    hl_real=$(readlink -f "$1") || return
    for hl_holder in "/sys/class/block/${hl_real##*/}/holders"/*; do
        [ ! -e "$hl_holder" ] || hl_use=${hl_use:+$hl_use,}held
        break
    done
    hl_types=$(wipefs -i -O TYPE "$1") || return
    for hl_type in $hl_types; do
        hl_use=${hl_use:+$hl_use,}$hl_type
    done
}

# group|extend GROUP DEVICE… | thin GROUP POOL SIZE | volume GROUP NAME SIZE
hl_lvm_do() {
    hl_has_lvm || return
    hl_what=$1 hl_group=$2
    shift 2
    case $hl_what in
    group | extend)
        # What was empty when it was looked at may not be any more.
        for hl_path; do
            hl_used "$hl_path" || return
            if [ -n "$hl_use" ]; then
                echo "$hl_path isn't empty: $hl_use" >&2
                return 73
            fi
        done
        if [ "$hl_what" = group ]; then vgcreate "$hl_group" "$@"; else vgextend "$hl_group" "$@"; fi
        ;;
    thin) hl_lv --type thin-pool "$@" ;;
    volume) hl_lv --type linear "$@" ;;
    *)
        echo "$hl_what: nothing that LVM makes" >&2
        return 64
        ;;
    esac
}

# --type TYPE NAME SIZE
hl_lv() {
    case $4 in
    *%*) lvcreate --yes "$1" "$2" -n "$3" -l "$4" "$hl_group" ;;
    *) lvcreate --yes "$1" "$2" -n "$3" -L "${4}b" "$hl_group" ;;
    esac
}
