//! The help desk's view of an event: finding people, one page a person with what staff may do, and the history.

pub mod admin;
pub mod ask_admin;
pub mod audit_admin;
pub mod correction;
pub mod correction_admin;
pub mod history;
pub mod home_admin;
pub mod letters_admin;
pub mod person;
pub mod person_admin;
pub mod queries;
pub mod rules;
pub mod sessions_admin;
