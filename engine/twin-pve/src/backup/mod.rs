//! Backup jobs, which guests they save, and when.

use model::published::Endpoint;

mod guests;
mod job;
mod schedule;
mod verify;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("GET /cluster/backup", job::list),
    Endpoint::new("POST /cluster/backup", job::create),
    Endpoint::new("GET /cluster/backup/{id}", job::show),
    Endpoint::new("PUT /cluster/backup/{id}", job::update),
    Endpoint::new("DELETE /cluster/backup/{id}", job::remove),
    Endpoint::new(
        "GET /cluster/backup/{id}/included_volumes",
        guests::included,
    ),
    Endpoint::new("GET /cluster/backup-info", guests::index),
    Endpoint::new("GET /cluster/backup-info/not-backed-up", guests::left_out),
    Endpoint::new("GET /cluster/jobs", schedule::index),
    Endpoint::new("GET /cluster/jobs/schedule-analyze", schedule::analyse),
];
