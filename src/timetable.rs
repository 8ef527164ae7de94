//! Periodic work, and which verb runs which job.

use crate::jobs::Run;

/// The kinds of jobs and what runs them.
pub const JOBS: &[(&str, Run)] = &[];
