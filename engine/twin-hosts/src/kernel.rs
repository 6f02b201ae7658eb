//! The kernel's command line and parameters, as it runs.

use formats::sysctl;
use model::{Stop, kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use world::host::{
    Ask as _, Verb,
    verb::{self, Cmdline, Initramfs, ModulesLoaded, OrAbsent, ShowBootLoader, Sysctl, SysctlSet},
};

use super::{
    Filling, Handler, Host, boot, initramfs,
    typed::{Said, answers, fails, filled, filling},
};

pub(super) const HANDLERS: &[(Verb, Handler)] = answers! {
    Cmdline => |host, _| Ok(host.cmdline()?),
    Sysctl => |host, Sysctl { name }| Ok(OrAbsent(host.parameter(&name)?.map(verb::Value))),
    SysctlSet => set,
};

pub(super) const FILLINGS: &[Filling] = &[
    Filling {
        kind: kind::KERNEL,
        reads: |id, replies| match (id, replies) {
            ("cmdline", []) => vec![Cmdline {}.call()],
            ("next" | "loader", []) => vec![ShowBootLoader {}.call()],
            ("kernels", []) => vec![Initramfs { paths: Vec::new() }.call()],
            ("modules", []) => vec![ModulesLoaded {}.call()],
            _ => Vec::new(),
        },
        load: |id, replies| match (id, replies) {
            (_, []) => Ok(None),
            ("cmdline", _) => filled(&Cmdline {}, replies, Some),
            ("modules", _) => filled(&ModulesLoaded {}, replies, Some),
            ("next", _) => filled(&ShowBootLoader {}, replies, |told| boot::next_in(&told)),
            ("loader", _) => filled(&ShowBootLoader {}, replies, |told| {
                Some(boot::Loader::of(told))
            }),
            (_, [reply, ..]) => initramfs::kernels_in(reply),
        },
    },
    filling!(kind::SYSCTL, |name| Sysctl::new(name), |told| {
        let value = told.0.map(|value| value.0);
        Some(Parameter { value, at: 0 })
    }),
];

/// A parameter's running value, and when it was set; none if there is no such parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Parameter {
    value: Option<String>,
    at: u64,
}

/// Parameters of an installed node with their values.
const PARAMETERS: &[(&str, &str)] = &[
    ("fs/aio-max-nr", "1048576"),
    ("fs/file-max", "9223372036854775807"),
    ("fs/inotify/max_queued_events", "8388608"),
    ("fs/inotify/max_user_instances", "65536"),
    ("fs/inotify/max_user_watches", "4194304"),
    ("kernel/dmesg_restrict", "1"),
    ("kernel/keys/maxkeys", "2000"),
    ("kernel/panic", "0"),
    ("kernel/panic_on_oops", "0"),
    ("kernel/pid_max", "4194304"),
    ("kernel/printk", "4 4 1 7"),
    ("kernel/randomize_va_space", "2"),
    ("kernel/sysrq", "438"),
    ("net/bridge/bridge-nf-call-iptables", "0"),
    ("net/bridge/bridge-nf-call-ip6tables", "0"),
    ("net/core/default_qdisc", "fq_codel"),
    ("net/core/rmem_max", "212992"),
    ("net/core/somaxconn", "4096"),
    ("net/core/wmem_max", "212992"),
    ("net/ipv4/conf/all/forwarding", "0"),
    ("net/ipv4/conf/all/rp_filter", "2"),
    ("net/ipv4/conf/default/rp_filter", "2"),
    ("net/ipv4/ip_forward", "0"),
    ("net/ipv4/tcp_congestion_control", "cubic"),
    ("net/ipv4/tcp_rmem", "4096 131072 33554432"),
    ("net/ipv4/tcp_wmem", "4096 16384 4194304"),
    ("net/ipv6/conf/all/disable_ipv6", "0"),
    ("net/ipv6/conf/all/forwarding", "0"),
    ("net/netfilter/nf_conntrack_max", "262144"),
    ("vm/dirty_background_ratio", "10"),
    ("vm/dirty_ratio", "20"),
    ("vm/max_map_count", "1048576"),
    ("vm/nr_hugepages", "0"),
    ("vm/overcommit_memory", "0"),
    ("vm/panic_on_oom", "0"),
    ("vm/swappiness", "60"),
    ("vm/vfs_cache_pressure", "100"),
];

impl Host<'_, '_> {
    /// The command line that the kernel runs with.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn cmdline(&mut self) -> Result<String, Stop> {
        let line = self.get::<Value>(kind::KERNEL, "cmdline")?;
        let line = line.as_ref().and_then(Value::as_str);
        Ok(line.unwrap_or_default().to_owned())
    }

    /// A parameter's running value; none if there is no such parameter.
    fn parameter(&mut self, name: &str) -> Result<Option<String>, Stop> {
        let row = self.get::<Parameter>(kind::SYSCTL, name)?;
        let booted = self.booted()?;
        let usual = || {
            let mut all = PARAMETERS.iter();
            let found = all.find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let value = match &row {
            Some(row) => row.value.clone(),
            None => usual(),
        };
        if value.is_none()
            || row
                .as_ref()
                .is_some_and(|row| row.at >= booted && row.at > 0)
        {
            return Ok(value);
        }
        if booted == 0 {
            return Ok(value);
        }
        // A start sets what the files say; what was set by hand before it is as it was made.
        let usual = usual().or(value);
        Ok(self.configured(name)?.or(usual))
    }

    /// What the files below /etc/sysctl.d say of a parameter: the last line with its name wins, else the last pattern.
    fn configured(&mut self, name: &str) -> Result<Option<String>, Stop> {
        let texts = self.texts_in("/etc/sysctl.d", ".conf")?;
        Ok(sysctl::at_start(&texts, name))
    }

    /// The texts of the files in a folder whose names end so, by name.
    ///
    /// # Errors
    /// The rows' fault.
    pub(super) fn texts_in(&mut self, folder: &str, ending: &str) -> Result<Vec<String>, Stop> {
        let mut texts = Vec::new();
        for name in self.names_in(folder)? {
            if name.ends_with(ending) {
                texts.extend(self.text(&format!("{folder}/{name}"))?);
            }
        }
        Ok(texts)
    }
}

fn set(host: &mut Host<'_, '_>, SysctlSet { name, value }: SysctlSet) -> Said<()> {
    let Some(old) = host.parameter(&name)? else {
        let text = format!("sysctl: cannot stat /proc/sys/{name}: No such file or directory");
        return fails(1, text);
    };
    let is_number = |text: &str| {
        let mut words = text.split_whitespace().peekable();
        words.peek().is_some() && words.all(|word| word.parse::<i64>().is_ok())
    };
    if is_number(&old) && !is_number(&value) {
        let dotted = name.replace('/', ".");
        let text = format!("sysctl: setting key \"{dotted}\": Invalid argument");
        return fails(1, text);
    }
    let at = host.stamp()?;
    let value = Some(sysctl::words(&value));
    Ok(host.put(kind::SYSCTL, &name, &Parameter { value, at })?)
}
