//! Periodic work, and which verb runs which job.

use crate::enrollment::waitlist;
use crate::jobs::Run;
use crate::orders;

/// The kinds of jobs and what runs them.
pub const JOBS: &[(&str, Run)] =
    &[(waitlist::LINE_MAY_MOVE, waitlist::move_line), (orders::recognition::RECOGNITION_CHANGED, orders::recognition::credit_where_due)];
