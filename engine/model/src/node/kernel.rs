//! The kernel that nodes run.

/// The kernel of the release that the twin was measured against.
pub const KERNEL: (&str, &str) = (
    "6.17.13-1-pve",
    "#1 SMP PREEMPT_DYNAMIC PMX 6.17.13-1 (2026-02-10T14:06Z)",
);
