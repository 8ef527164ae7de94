//! The help desk's view of an event: finding people, one page a person with what staff may do, and the history.

pub mod admin;
pub mod audit_admin;
pub mod history;
pub mod queries;
pub mod rules;
