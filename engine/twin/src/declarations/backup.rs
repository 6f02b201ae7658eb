//! The declarations of backup jobs.

use world::proxmox::Method;

use crate::model::declare::{Check, Declaration, Param, Permission};

/// `GET /cluster/backup`.
pub(crate) const GET_CLUSTER_BACKUP: Declaration = Declaration::new(
    Method::Get,
    "/cluster/backup",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `POST /cluster/backup`.
pub(crate) const POST_CLUSTER_BACKUP: Declaration = Declaration::new(
    Method::Post,
    "/cluster/backup",
    &[
        Param::boolean("all").default("0").optional(),
        Param::integer("bwlimit")
            .minimum(0.0)
            .default("0")
            .optional(),
        Param::string("comment").max_length(512).optional(),
        Param::string("compress")
            .values(&["0", "1", "gzip", "lzo", "zstd"])
            .default("0")
            .optional(),
        Param::string("dow")
            .format("pve-day-of-week-list")
            .default("mon,tue,wed,thu,fri,sat,sun")
            .requires("starttime")
            .optional(),
        Param::string("dumpdir").optional(),
        Param::boolean("enabled").default("1").optional(),
        Param::string("exclude").format("pve-vmid-list").optional(),
        Param::array("exclude-path")
            .items(&Param::string(""))
            .optional(),
        Param::string("fleecing")
            .format("backup-fleecing")
            .optional(),
        Param::string("id").format("pve-configid").optional(),
        Param::integer("ionice")
            .minimum(0.0)
            .maximum(8.0)
            .default("7")
            .optional(),
        Param::integer("lockwait")
            .minimum(0.0)
            .default("180")
            .optional(),
        Param::string("mailnotification")
            .values(&["always", "failure"])
            .default("always")
            .optional(),
        Param::string("mailto")
            .format("email-or-username-list")
            .optional(),
        Param::string("mode")
            .values(&["snapshot", "suspend", "stop"])
            .default("snapshot")
            .optional(),
        Param::string("node").format("pve-node").optional(),
        Param::string("notes-template")
            .max_length(1024)
            .requires("storage")
            .optional(),
        Param::string("notification-mode")
            .values(&["auto", "legacy-sendmail", "notification-system"])
            .default("auto")
            .optional(),
        Param::string("pbs-change-detection-mode")
            .values(&["legacy", "data", "metadata"])
            .optional(),
        Param::string("performance")
            .format("backup-performance")
            .optional(),
        Param::integer("pigz").default("0").optional(),
        Param::string("pool").optional(),
        Param::boolean("protected").requires("storage").optional(),
        Param::string("prune-backups")
            .format("prune-backups")
            .default("keep-all=1")
            .optional(),
        Param::boolean("quiet").default("0").optional(),
        Param::boolean("remove").default("1").optional(),
        Param::boolean("repeat-missed").default("0").optional(),
        Param::string("schedule")
            .format("pve-calendar-event")
            .max_length(128)
            .optional(),
        Param::string("script").optional(),
        Param::string("starttime")
            .pattern(r#"\d{1,2}:\d{1,2}"#)
            .optional(),
        Param::boolean("stdexcludes").default("1").optional(),
        Param::boolean("stop").default("0").optional(),
        Param::integer("stopwait")
            .minimum(0.0)
            .default("10")
            .optional(),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("tmpdir").optional(),
        Param::string("vmid").format("pve-vmid-list").optional(),
        Param::integer("zstd").default("1").optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected();

/// `GET /cluster/backup-info`.
pub(crate) const GET_CLUSTER_BACKUP_INFO: Declaration =
    Declaration::new(Method::Get, "/cluster/backup-info", &[], Permission::Root);

/// `GET /cluster/backup-info/not-backed-up`.
pub(crate) const GET_CLUSTER_BACKUP_INFO_NOT_BACKED_UP: Declaration = Declaration::new(
    Method::Get,
    "/cluster/backup-info/not-backed-up",
    &[],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected();

/// `DELETE /cluster/backup/{id}`.
pub(crate) const DELETE_CLUSTER_BACKUP_ID: Declaration = Declaration::new(
    Method::Delete,
    "/cluster/backup/{id}",
    &[Param::string("id").pattern(r#"\S+"#).max_length(50)],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected();

/// `GET /cluster/backup/{id}`.
pub(crate) const GET_CLUSTER_BACKUP_ID: Declaration = Declaration::new(
    Method::Get,
    "/cluster/backup/{id}",
    &[Param::string("id").pattern(r#"\S+"#).max_length(50)],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
);

/// `PUT /cluster/backup/{id}`.
pub(crate) const PUT_CLUSTER_BACKUP_ID: Declaration = Declaration::new(
    Method::Put,
    "/cluster/backup/{id}",
    &[
        Param::boolean("all").default("0").optional(),
        Param::integer("bwlimit")
            .minimum(0.0)
            .default("0")
            .optional(),
        Param::string("comment").max_length(512).optional(),
        Param::string("compress")
            .values(&["0", "1", "gzip", "lzo", "zstd"])
            .default("0")
            .optional(),
        Param::string("delete")
            .format("pve-configid-list")
            .optional(),
        Param::string("dow")
            .format("pve-day-of-week-list")
            .requires("starttime")
            .optional(),
        Param::string("dumpdir").optional(),
        Param::boolean("enabled").default("1").optional(),
        Param::string("exclude").format("pve-vmid-list").optional(),
        Param::array("exclude-path")
            .items(&Param::string(""))
            .optional(),
        Param::string("fleecing")
            .format("backup-fleecing")
            .optional(),
        Param::string("id").pattern(r#"\S+"#).max_length(50),
        Param::integer("ionice")
            .minimum(0.0)
            .maximum(8.0)
            .default("7")
            .optional(),
        Param::integer("lockwait")
            .minimum(0.0)
            .default("180")
            .optional(),
        Param::string("mailnotification")
            .values(&["always", "failure"])
            .default("always")
            .optional(),
        Param::string("mailto")
            .format("email-or-username-list")
            .optional(),
        Param::string("mode")
            .values(&["snapshot", "suspend", "stop"])
            .default("snapshot")
            .optional(),
        Param::string("node").format("pve-node").optional(),
        Param::string("notes-template")
            .max_length(1024)
            .requires("storage")
            .optional(),
        Param::string("notification-mode")
            .values(&["auto", "legacy-sendmail", "notification-system"])
            .default("auto")
            .optional(),
        Param::string("pbs-change-detection-mode")
            .values(&["legacy", "data", "metadata"])
            .optional(),
        Param::string("performance")
            .format("backup-performance")
            .optional(),
        Param::integer("pigz").default("0").optional(),
        Param::string("pool").optional(),
        Param::boolean("protected").requires("storage").optional(),
        Param::string("prune-backups")
            .format("prune-backups")
            .default("keep-all=1")
            .optional(),
        Param::boolean("quiet").default("0").optional(),
        Param::boolean("remove").default("1").optional(),
        Param::boolean("repeat-missed").default("0").optional(),
        Param::string("schedule")
            .format("pve-calendar-event")
            .max_length(128)
            .optional(),
        Param::string("script").optional(),
        Param::string("starttime")
            .pattern(r#"\d{1,2}:\d{1,2}"#)
            .optional(),
        Param::boolean("stdexcludes").default("1").optional(),
        Param::boolean("stop").default("0").optional(),
        Param::integer("stopwait")
            .minimum(0.0)
            .default("10")
            .optional(),
        Param::string("storage").format("pve-storage-id").optional(),
        Param::string("tmpdir").optional(),
        Param::string("vmid").format("pve-vmid-list").optional(),
        Param::integer("zstd").default("1").optional(),
    ],
    Permission::Check(Check::Perm("/", &["Sys.Modify"])),
)
.protected();

/// `GET /cluster/backup/{id}/included_volumes`.
pub(crate) const GET_CLUSTER_BACKUP_ID_INCLUDED_VOLUMES: Declaration = Declaration::new(
    Method::Get,
    "/cluster/backup/{id}/included_volumes",
    &[Param::string("id").pattern(r#"\S+"#).max_length(50)],
    Permission::Check(Check::Perm("/", &["Sys.Audit"])),
)
.protected();

/// `GET /cluster/jobs`.
pub(crate) const GET_CLUSTER_JOBS: Declaration =
    Declaration::new(Method::Get, "/cluster/jobs", &[], Permission::All);

/// `GET /cluster/jobs/schedule-analyze`.
pub(crate) const GET_CLUSTER_JOBS_SCHEDULE_ANALYZE: Declaration = Declaration::new(
    Method::Get,
    "/cluster/jobs/schedule-analyze",
    &[
        Param::integer("iterations")
            .minimum(1.0)
            .maximum(100.0)
            .default("10")
            .optional(),
        Param::string("schedule")
            .format("pve-calendar-event")
            .max_length(128),
        Param::integer("starttime").optional(),
    ],
    Permission::All,
);
