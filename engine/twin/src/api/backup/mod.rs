//! Backup jobs, which guests they save, and when.

use crate::{declarations::backup as d, model::declare::Endpoint};

mod guests;
mod job;
mod schedule;
mod verify;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(&d::GET_CLUSTER_BACKUP, job::list),
    Endpoint::new(&d::POST_CLUSTER_BACKUP, job::create),
    Endpoint::new(&d::GET_CLUSTER_BACKUP_ID, job::show),
    Endpoint::new(&d::PUT_CLUSTER_BACKUP_ID, job::update),
    Endpoint::new(&d::DELETE_CLUSTER_BACKUP_ID, job::remove),
    Endpoint::new(&d::GET_CLUSTER_BACKUP_ID_INCLUDED_VOLUMES, guests::included),
    Endpoint::new(&d::GET_CLUSTER_BACKUP_INFO, guests::index),
    Endpoint::new(&d::GET_CLUSTER_BACKUP_INFO_NOT_BACKED_UP, guests::left_out),
    Endpoint::new(&d::GET_CLUSTER_JOBS, schedule::index),
    Endpoint::new(&d::GET_CLUSTER_JOBS_SCHEDULE_ANALYZE, schedule::analyse),
];
