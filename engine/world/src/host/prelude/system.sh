
# -> a line NAME VALUE each
hl_about() {
    hl_id='' hl_version='' hl_name=''
    if [ -r /etc/os-release ]; then
        while IFS='=' read -r hl_key hl_value; do
            hl_value=${hl_value#[\"\']}
            hl_value=${hl_value%[\"\']}
            case $hl_key in
            ID) hl_id=$hl_value ;;
            VERSION_ID) hl_version=$hl_value ;;
            PRETTY_NAME) hl_name=$hl_value ;;
            esac
        done </etc/os-release
    fi
    echo "os $hl_id"
    echo "os_version $hl_version"
    echo "os_name $hl_name"
    hl_about_machine
    hl_about_start
    hl_about_time
    hl_value=''
    if [ -x /usr/bin/pveversion ]; then
        hl_value=$(dpkg-query -W -f '${Version}' pve-manager 2>/dev/null)
    fi
    echo "pve $hl_value"
}

hl_about_machine() {
    hl_value=$(uname -rm) || return
    echo "kernel ${hl_value% *}"
    echo "architecture ${hl_value##* }"
    echo "cpu $(sed -n '/^model name/{s/[^:]*: *//p;q;}' /proc/cpuinfo)"
    echo "cpus $(grep -c '^processor' /proc/cpuinfo)"
    echo "virtualization $(grep -owm1 -e vmx -e svm /proc/cpuinfo | head -n1)"
    read -r hl_key hl_value hl_name </proc/meminfo
    echo "memory $((hl_value * 1024))"
}

hl_about_start() {
    echo "boot_id $(hl_boot_id)"
    read -r hl_value hl_name </proc/uptime
    echo "uptime ${hl_value%%.*}"
    hl_efi
    echo "efi $hl_efi"
    echo "secure_boot $hl_secure"
    echo "cmdline $(cat /proc/cmdline)"
}

# Whether the host was started by EFI, and with secure boot
hl_efi() {
    hl_efi=no hl_secure=no
    [ -d /sys/firmware/efi ] || return 0
    hl_efi=yes
    hl_value=/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
    case $(od -An -tu1 "$hl_value" 2>/dev/null) in
    *' 1') hl_secure=yes ;;
    esac
}

hl_about_time() {
    hl_value=''
    for hl_name in chrony systemd-timesyncd ntpsec ntp; do
        if systemctl -q is-active "$hl_name.service" 2>/dev/null; then
            hl_value=$hl_name
            break
        fi
    done
    echo "time_sync $hl_value"
    echo "synchronized $(timedatectl show -p NTPSynchronized --value 2>/dev/null)"
}

# -> yes | no | unknown, then what is said of it
hl_time_state() {
    hl_value=$(timedatectl show -p NTPSynchronized --value 2>/dev/null)
    echo "${hl_value:-unknown}"
    [ "$hl_value" != yes ] || return 0
    if command -v chronyc >/dev/null; then
        chronyc -n tracking 2>&1
    else
        timedatectl status 2>&1
    fi
    return 0
}

# -> lines of lsblk
hl_disks() {
    lsblk -b -P -p -e 1,7 -o NAME,TYPE,SIZE,FSTYPE,PTTYPE,MOUNTPOINT,SERIAL,MODEL
}

# -> interfaces, addresses, routes
hl_interfaces() {
    if ! command -v ip >/dev/null; then
        echo "there is no ip: iproute2 isn't installed" >&2
        return 69
    fi
    ip -o link show | awk '{
        name = $2; sub(/:$/, "", name); sub(/@.*/, "", name); mac = "-"; mtu = "-"; state = "-"
        for (i = 3; i < NF; i++) {
            if ($i == "mtu") mtu = $(i + 1)
            if ($i == "state") state = $(i + 1)
            if ($i == "link/ether") mac = $(i + 1)
        }
        print "interface", name, mac, mtu, state
    }'
    ip -o addr show scope global | awk '{ print "address", $2, $4 }'
    { ip -4 route show table main && ip -6 route show table main; } 2>/dev/null | awk '
        $1 ~ /^(fe80|ff00|multicast|unreachable|blackhole|prohibit|local|broadcast)/ { next }
        {
            via = "-"; device = "-"
            for (i = 2; i < NF; i++) {
                if ($i == "via") via = $(i + 1)
                if ($i == "dev") device = $(i + 1)
            }
            print "route", $1, via, device
        }'
}

# -> a line a running guest
hl_guests() {
    for hl_path in /run/qemu-server/[0-9]*.pid; do
        [ -r "$hl_path" ] && read -r hl_pid <"$hl_path" && [ -d "/proc/$hl_pid" ] || continue
        hl_id=${hl_path##*/}
        hl_guest qemu "${hl_id%.pid}" "/etc/pve/qemu-server/${hl_id%.pid}.conf" name
    done
    for hl_path in /sys/fs/cgroup/lxc/[0-9]*; do
        [ -d "$hl_path" ] || continue
        hl_id=${hl_path##*/}
        hl_guest lxc "$hl_id" "/etc/pve/lxc/$hl_id.conf" hostname
    done
}

# TYPE ID FILE FIELD
hl_guest() {
    hl_name=''
    if [ -r "$3" ]; then
        while IFS= read -r hl_line; do
            case $hl_line in
            "$4: "*) hl_name=${hl_line#*: } && break ;;
            '['*) break ;;
            esac
        done <"$3"
    fi
    echo "$1 $2 $hl_name"
}

# -> the state, and failed units
hl_system_state() {
    hl_state=$(systemctl is-system-running 2>/dev/null)
    echo "${hl_state:-unknown}"
    systemctl list-units --state=failed --plain --no-legend --full 2>/dev/null | awk '{ print $1 }'
}

# The job is queued, and the reply is there before it begins.
hl_reboot() {
    systemctl --no-block reboot
}
