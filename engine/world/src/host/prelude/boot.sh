
# -> what starts the kernel
hl_boot_loader() {
    hl_loader=none hl_tool=none hl_source='' hl_generated='' hl_next=''
    if [ -s /etc/kernel/proxmox-boot-uuids ] && command -v proxmox-boot-tool >/dev/null; then
        hl_tool=proxmox-boot-tool
        hl_generated=/var/lib/homelab/boot-update
        hl_status=$(proxmox-boot-tool status 2>&1)
        case $hl_status in
        *'booted with uefi'*'configured with: uefi'*) hl_loader=systemd-boot hl_source=/etc/kernel/cmdline ;;
        *) hl_loader=grub hl_source=/etc/default/grub ;;
        esac
    elif command -v update-grub >/dev/null && [ -e /etc/default/grub ]; then
        hl_loader=grub hl_tool=update-grub hl_source=/etc/default/grub hl_generated=/boot/grub/grub.cfg
        hl_next=$(sed -n 's/^[[:space:]]*linux[^[:space:]]*[[:space:]]*//p' /boot/grub/grub.cfg 2>/dev/null | head -n1)
    fi
    echo "loader $hl_loader"
    echo "tool $hl_tool"
    echo "source $hl_source"
    echo "generated $hl_generated"
    echo "next $hl_next"
    [ "$hl_tool" = none ] || hl_boot_older
}

# The sources that changed since the configuration was brought up to date.
hl_boot_older() {
    set -- "$hl_source"
    if [ "$hl_loader" = grub ] && [ -d /etc/default/grub.d ]; then
        set -- "$hl_source" /etc/default/grub.d
    fi
    if [ -e "$hl_generated" ]; then
        find "$@" -newercc "$hl_generated" | sort | sed 's/^/older /'
        return
    fi
    # Nobody wrote down when it was: it's up to date if the host was started with it, and it's as it was then.
    if [ "$hl_loader" = systemd-boot ] && [ -z "$(find "$hl_source" -newerct "@$(sed -n 's/^btime //p' /proc/stat)")" ]; then
        case " $(cat /proc/cmdline) " in
        *" $(head -n1 "$hl_source") "*) return 0 ;;
        esac
    fi
    echo "older $hl_source"
}

# TOOL
hl_boot_update() {
    case $1 in
    update-grub) update-grub 2>&1 ;;
    proxmox-boot-tool)
        proxmox-boot-tool refresh 2>&1 && mkdir -p /var/lib/homelab && touch /var/lib/homelab/boot-update
        ;;
    *)
        echo "$1: no tool for a boot loader" >&2
        return 64
        ;;
    esac
}

# PATH… -> images and what is newer
hl_initramfs() {
    if ! command -v update-initramfs >/dev/null; then
        echo "there is no update-initramfs: initramfs-tools isn't installed" >&2
        return 69
    fi
    hl_running=$(uname -r)
    hl_newest=''
    for hl_path in /boot/vmlinuz-*; do
        [ -e "$hl_path" ] || continue
        hl_newest=$(printf '%s\n' "$hl_newest" "${hl_path#/boot/vmlinuz-}" | sort -V | tail -n1)
    done
    for hl_kernel in "$hl_newest" "$hl_running"; do
        hl_image=/boot/initrd.img-$hl_kernel
        if [ -z "$hl_kernel" ] || [ ! -e "/boot/vmlinuz-$hl_kernel" ]; then
            continue
        elif [ ! -e "$hl_image" ]; then
            echo "missing $hl_kernel $hl_image"
        else
            echo "image $hl_kernel $hl_image"
            find /etc/modprobe.d /etc/initramfs-tools "$@" -newercc "$hl_image" 2>/dev/null | sort -u |
                sed "s/^/newer $hl_kernel /"
        fi
        [ "$hl_newest" != "$hl_running" ] || break
    done
}

# KERNEL…
hl_initramfs_update() {
    for hl_kernel; do
        if [ -e "/boot/initrd.img-$hl_kernel" ]; then
            update-initramfs -u -k "$hl_kernel" 2>&1 || return
        else
            update-initramfs -c -k "$hl_kernel" 2>&1 || return
        fi
    done
}
