//! Packages of Debian 13, as its repositories had them when this table was made, and what they bring.

/// A package that a repository has.
pub(super) struct DebianPackage {
    /// Its name.
    pub(super) name: &'static str,
    /// Its version.
    pub(super) version: &'static str,
    /// The component of Debian's repository.
    pub(super) component: &'static str,
    /// Whether an installed node has it.
    pub(super) is_installed: bool,
    /// Whether settings remain where it's removed and not purged.
    pub(super) has_settings: bool,
    /// The units that run as soon as it's installed.
    pub(super) units: &'static [&'static str],
}

const fn known(name: &'static str, version: &'static str) -> DebianPackage {
    DebianPackage {
        name,
        version,
        component: "main",
        is_installed: false,
        has_settings: false,
        units: &[],
    }
}

impl DebianPackage {
    const fn of(mut self, component: &'static str) -> Self {
        self.component = component;
        self
    }

    const fn installed(mut self) -> Self {
        self.is_installed = true;
        self
    }

    const fn settings(mut self) -> Self {
        self.has_settings = true;
        self
    }

    const fn units(mut self, units: &'static [&'static str]) -> Self {
        self.units = units;
        self
    }
}

/// The packages, sorted by name.
pub(super) const KNOWN: &[DebianPackage] = &[
    known("amd64-microcode", "3.20250311.1").of("non-free-firmware"),
    known("apparmor", "4.1.0-1").installed(),
    known("apt-listchanges", "4.8").settings(),
    known("apt-transport-https", "3.0.4"),
    known("arping", "2.25-1"),
    known("auditd", "1:4.0.2-2+deb13u1")
        .settings()
        .units(&["auditd.service"]),
    known("autofs", "5.1.9-1.2+b1")
        .settings()
        .units(&["autofs.service"]),
    known("bash", "5.2.37-2+b10").installed().settings(),
    known("bind9", "1:9.20.30-1~deb13u1")
        .settings()
        .units(&["named.service"]),
    known("borgbackup", "1.4.0-5"),
    known("bridge-utils", "1.7.1-4+b1").installed(),
    known("btop", "1.3.2-0.1"),
    known("build-essential", "12.12"),
    known("ca-certificates", "20250419+deb13u1").installed(),
    known("chrony", "4.6.1-3+deb13u2")
        .installed()
        .settings()
        .units(&["chrony.service"]),
    known("cifs-utils", "2:7.4-1+deb13u2"),
    known("cloud-init", "25.1.4-1+deb13u1"),
    known("corosync-qdevice", "3.0.3-2"),
    known("corosync-qnetd", "3.0.3-2"),
    known("cron", "3.0pl1-197")
        .installed()
        .settings()
        .units(&["cron.service"]),
    known("curl", "8.14.1-2+deb13u7").installed(),
    known("debian-goodies", "0.88.2"),
    known("dkms", "3.2.2-1~deb13u1"),
    known("dnsmasq", "2.91-1+deb13u2")
        .settings()
        .units(&["dnsmasq.service"]),
    known("dosfstools", "4.2-1.2").installed(),
    known("ebtables", "2.0.11-6"),
    known("efibootmgr", "18-2").installed(),
    known("etckeeper", "1.18.22-2").settings(),
    known("ethtool", "1:6.14.2-1").installed(),
    known("fail2ban", "1.1.0-8")
        .settings()
        .units(&["fail2ban.service"]),
    known("fio", "3.39-1"),
    known("firmware-linux", "20250410-2").of("non-free-firmware"),
    known("firmware-misc-nonfree", "20250410-2").of("non-free-firmware"),
    known("gdisk", "1.0.10-2").installed(),
    known("git", "1:2.47.3-0+deb13u1"),
    known("glances", "4.3.1+dfsg-1"),
    known("gnupg", "2.4.7-21+deb13u1").installed(),
    known("gpg", "2.4.7-21+deb13u1+b5").installed(),
    known("haproxy", "3.0.11-1+deb13u4")
        .settings()
        .units(&["haproxy.service"]),
    known("hdparm", "9.65+ds-1.1").installed(),
    known("htop", "3.4.1-5"),
    known("iftop", "1.0~pre4-9+b1"),
    known("ifupdown2", "3.0.0-1.3"),
    known("intel-microcode", "3.20260925.1~deb13u1").of("non-free-firmware"),
    known("iotop", "0.6-42-ga14256a-0.3+b1"),
    known("iperf3", "3.18-2+deb13u2"),
    known("ipmitool", "1.8.19-9"),
    known("iproute2", "6.15.0-1").installed(),
    known("iptables", "1.8.11-2").installed(),
    known("iputils-ping", "3:20240905-3").installed(),
    known("jq", "1.7.1-6+deb13u4"),
    known("keepalived", "1:2.3.3-1")
        .settings()
        .units(&["keepalived.service"]),
    known("ldap-utils", "2.6.10+dfsg-1"),
    known("libguestfs-tools", "1:1.54.1-2+deb13u1"),
    known("linux-cpupower", "6.12.117-1"),
    known("lldpd", "1.0.18-1+b1")
        .settings()
        .units(&["lldpd.service"]),
    known("lm-sensors", "1:3.6.2-2")
        .settings()
        .units(&["lm-sensors.service"]),
    known("locales", "2.41-12+deb13u5").installed(),
    known("logrotate", "3.22.0-1").installed().settings(),
    known("lsb-release", "12.1-1"),
    known("lshw", "02.19.git.2021.06.19.996aaad9c7-2.1"),
    known("lsof", "4.99.4+dfsg-2").installed(),
    known("lsscsi", "0.32-2"),
    known("lvm2", "2.03.31-2").installed().settings(),
    known("mailutils", "1:3.19-1"),
    known("make", "4.4.1-2"),
    known("mdadm", "4.4-11+deb13u1").settings(),
    known("molly-guard", "0.8.5").settings(),
    known("mtr-tiny", "0.95-1.1+b1").installed(),
    known("multipath-tools", "0.11.1-2")
        .settings()
        .units(&["multipathd.service"]),
    known("nano", "8.4-1+deb13u1").installed().settings(),
    known("ncdu", "1.22-1"),
    known("needrestart", "3.11-1").settings(),
    known("net-tools", "2.10-1.3"),
    known("nfs-common", "1:2.8.3-1").installed().settings(),
    known("nfs-kernel-server", "1:2.8.3-1")
        .settings()
        .units(&["nfs-server.service"]),
    known("nftables", "1.1.3-1"),
    known("nginx", "1.26.3-3+deb13u10")
        .settings()
        .units(&["nginx.service"]),
    known("nmap", "7.95+dfsg-3"),
    known("numactl", "2.0.19-1"),
    known("nut", "2.8.1-5+deb13u1").settings(),
    known("nut-client", "2.8.1-5+deb13u1").settings(),
    known("nvidia-detect", "550.163.01-2").of("non-free"),
    known("nvidia-driver", "550.163.01-2").of("non-free"),
    known("nvme-cli", "2.13-2").installed().settings(),
    known("open-iscsi", "2.1.11-1+deb13u2")
        .installed()
        .settings(),
    known("openssh-client", "1:10.0p1-7+deb13u4")
        .installed()
        .settings(),
    known("openssh-server", "1:10.0p1-7+deb13u4")
        .installed()
        .settings()
        .units(&["ssh.service"]),
    known("openvswitch-switch", "3.5.0-1+b1").units(&["openvswitch-switch.service"]),
    known("parted", "3.6-5+deb13u1"),
    known("pciutils", "1:3.13.0-2").installed(),
    known("postfix", "3.10.13-0+deb13u1")
        .installed()
        .settings()
        .units(&["postfix.service"]),
    known("powertop", "2.15-4"),
    known("prometheus-node-exporter", "1.9.0-1+b4")
        .settings()
        .units(&["prometheus-node-exporter.service"]),
    known("python3", "3.13.5-1").installed(),
    known("python3-minimal", "3.13.5-1").installed(),
    known("qemu-guest-agent", "1:10.0.13+ds-0+deb13u1"),
    known("rasdaemon", "0.8.3-1").units(&["rasdaemon.service"]),
    known("restic", "0.18.0-1+b4"),
    known("rsync", "3.5.0+ds1-0+deb13u2").installed(),
    known("rsyslog", "8.2504.0-1+deb13u2")
        .settings()
        .units(&["rsyslog.service"]),
    known("samba", "2:4.22.11+dfsg-0+deb13u1")
        .settings()
        .units(&["smbd.service", "nmbd.service"]),
    known("screen", "4.9.1-3").settings(),
    known("sg3-utils", "1.48-3~deb13u1").settings(),
    known("smartmontools", "7.4-3")
        .installed()
        .settings()
        .units(&["smartmontools.service"]),
    known("snmpd", "5.9.4+dfsg-2+deb13u1")
        .settings()
        .units(&["snmpd.service"]),
    known("socat", "1.8.0.3-1+deb13u1").installed(),
    known("sqlite3", "3.46.1-7+deb13u2").installed(),
    known("sshfs", "3.7.3-1.2~deb13u1"),
    known("strace", "6.13+ds-1"),
    known("sudo", "1.9.16p2-3+deb13u5").settings(),
    known("sysstat", "12.7.5-2")
        .settings()
        .units(&["sysstat.service"]),
    known("systemd", "257.13-1~deb13u1").installed(),
    known("systemd-timesyncd", "257.13-1~deb13u1").units(&["systemd-timesyncd.service"]),
    known("tcpdump", "4.99.5-2").installed().settings(),
    known("thin-provisioning-tools", "1.1.0-4+b1").installed(),
    known("tmux", "3.5a-3"),
    known("traceroute", "1:2.1.6-1").installed(),
    known("tree", "2.2.1-1"),
    known("tuned", "2.25.1-1")
        .settings()
        .units(&["tuned.service"]),
    known("ufw", "0.36.2-9").settings().units(&["ufw.service"]),
    known("unattended-upgrades", "2.12")
        .settings()
        .units(&["unattended-upgrades.service"]),
    known("unbound", "1.26.2-0+deb13u1")
        .settings()
        .units(&["unbound.service"]),
    known("unzip", "6.0-29+deb13u1"),
    known("usbutils", "1:018-2").installed(),
    known("vim", "2:9.1.1230-2+deb13u2"),
    known("vim-tiny", "2:9.1.1230-2+deb13u2")
        .installed()
        .settings(),
    known("vlan", "2.0.5+nmu3"),
    known("watchdog", "5.16-1.1").settings(),
    known("wget", "1.25.0-2").installed().settings(),
    known("wireguard", "1.0.20210914-3"),
    known("wireguard-tools", "1.0.20210914-3"),
    known("xfsprogs", "6.13.0-2+deb13u1"),
    known("zfsutils-linux", "2.3.9-0+deb13u1").installed(),
    known("zip", "3.0-15+deb13u1"),
    known("zsh", "5.9-8+b25").settings(),
    known("zstd", "1.5.7+dfsg-1").installed(),
];

/// What the table has of a name.
pub(super) fn find(name: &str) -> Option<&'static DebianPackage> {
    KNOWN.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sorted_and_has_each_name_once() {
        assert!(KNOWN.is_sorted_by(|a, b| a.name < b.name));
    }
}
