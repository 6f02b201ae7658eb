//! The stable codes of errors and findings; each has a page in `docs/errors/`.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// A stable code: `homelab::host::garbled`, which is written `code::host::garbled`.
///
/// Code can use those alone that are listed here. One that a journal of another version gave is kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// The code as it's printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The family, `host`, and the name in it, `garbled`.
    #[must_use]
    pub fn parts(&self) -> (&str, &str) {
        let own = self.0.strip_prefix("homelab::").unwrap_or(&self.0);
        own.split_once("::").unwrap_or((own, ""))
    }

    /// The name of its page: `host-garbled`.
    #[must_use]
    pub fn page(&self) -> String {
        let (family, name) = self.parts();
        format!("{family}-{name}")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! codes {
    ($($family:ident { $($name:ident)+ })+) => {
        /// Every code.
        pub const ALL: &[Code] = &[$($($family::$name),+),+];

        $(
            #[doc = concat!("The codes `homelab::", stringify!($family), "::…`.")]
            #[expect(non_upper_case_globals, reason = "a code is written as it's printed")]
            pub mod $family {
                use super::{Code, Cow};

                $(
                    #[doc = concat!("`homelab::", stringify!($family), "::", stringify!($name), "`.")]
                    pub const $name: Code =
                        Code(Cow::Borrowed(concat!("homelab::", stringify!($family), "::", stringify!($name))));
                )+
            }
        )+
    };
}

/// Gives every code to a macro, by family: `each_code!(table)` is `table! { cluster { foreign … } … }`.
#[macro_export]
macro_rules! each_code { ($then:ident) => { $then! {
    cluster { foreign guests needed no_cluster no_fingerprint not_ready }
    disk { missing not_empty other_disk }
    doc { metadata unknown }
    docs {
        bad_column bad_schema bad_value changed dangling empty example host_twice missing misspelt mistaken no_column
        no_document no_row no_table no_target not_utf8 overlap ragged row_twice stray table_twice twin two_places
        unread unreadable vlan_range vlan_twice
    }
    environment { computed example missing stray unreadable unwritable weak_secret }
    envrc { refused }
    host {
        broken calendar changed_key disk_not_empty failed garbled held login lost markers mounted_elsewhere
        network_refused no_answer no_boot_loader no_device no_disk no_file no_group no_key no_module no_package
        no_parameter no_root no_session no_shell no_target no_unit no_user not_a_directory not_a_file not_a_folder
        not_a_link not_back not_empty not_followed not_modelled not_mounted not_ready not_settled other_address other_device
        other_disk other_volume other_way overridden own_key reverted reverting several_lines sshd_refused
        sshd_shadowed template timeout unclear_setting undeclared unit_failed unit_late unknown unknown_key
        unreachable zero_byte
    }
    init { not_empty }
    install { address listen member no_address no_node no_random refused timeout }
    journal { busy corrupted newer no_such_run unwritable }
    lab { not_a_lab unreadable unwritable }
    mapping { different_devices no_device }
    network { foreign_changes ovs still_staged }
    node { firmware }
    proxmox {
        already_exists authority broken digest fingerprint locked login malformed no_credentials no_quorum
        not_connected not_found not_implemented old_version parameters permission proxy redirected root_only server task_failed
        task_timeout ticket unknown unknown_node unreachable
    }
    reference { stale }
    run {
        bug complete in_doubt interrupted lock locked lost no_argument no_lease no_step nothing_to_resume other_world output
        plan_differs plan_file runtime selection thread unanswered version wrong_plan
    }
    runbook {
        address argument captured circle endless field function no_module no_run not_named not_text opaque outside outside_step
        overrides password recursion script secret syntax thrown too_large unknown unnamed unreadable url variable
        version
    }
    step { declined group key needs nested option timeout twice value }
    storage { fixed inactive no_lun }
    test { child diverged docs fails folder gate stuck unsteady via }
    token { no_secret not_kept rights }
    twin { no_fault nothing script store }
    via { file node silent }
} } }

each_code!(codes);
