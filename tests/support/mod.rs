//! What the tests share.

pub mod big_schedule;
