
# -> SLOT CLASS VENDOR:DEVICE SUBSYSTEM DRIVER GROUP
hl_pci() {
    hl_drivers=' ' hl_groups=' '
    for hl_path in /sys/bus/pci/drivers/*/*:*:*.*; do
        [ -e "$hl_path" ] || continue
        hl_name=${hl_path%/*}
        hl_drivers="$hl_drivers${hl_path##*/}=${hl_name##*/} "
    done
    for hl_path in /sys/kernel/iommu_groups/*/devices/*; do
        [ -e "$hl_path" ] || continue
        hl_name=${hl_path%/devices/*}
        hl_groups="$hl_groups${hl_path##*/}=${hl_name##*/} "
    done
    for hl_path in /sys/bus/pci/devices/*; do
        [ -r "$hl_path/vendor" ] || continue
        read -r hl_vendor <"$hl_path/vendor" && read -r hl_device <"$hl_path/device" &&
            read -r hl_class <"$hl_path/class" || return
        hl_id=${hl_path##*/}
        hl_sub=-
        if [ -r "$hl_path/subsystem_vendor" ] && read -r hl_sub <"$hl_path/subsystem_vendor" &&
            read -r hl_value <"$hl_path/subsystem_device"; then
            hl_sub=${hl_sub#0x}:${hl_value#0x}
            [ "$hl_sub" != 0000:0000 ] || hl_sub=-
        fi
        hl_pick "$hl_drivers" "$hl_id"
        hl_name=$hl_picked
        hl_pick "$hl_groups" "$hl_id"
        echo "$hl_id $hl_class ${hl_vendor#0x}:${hl_device#0x} $hl_sub $hl_name $hl_picked"
    done
}

# LIST NAME: what LIST has for NAME, `-` for nothing
hl_pick() {
    case $1 in
    *" $2="*)
        hl_picked=${1#*" $2="}
        hl_picked=${hl_picked%% *}
        ;;
    *) hl_picked=- ;;
    esac
}
