//! Setting up an event: from one document, from another program's schedule, and by hand.

pub mod agenda_import;
pub mod checklist;
pub mod checkpoints;
pub mod checkpoints_admin;
pub mod document;
pub mod event_admin;
pub mod forms_admin;
pub mod import;
pub mod info_admin;
pub mod places_admin;
pub mod pricing_admin;
pub mod rules;
pub mod sessions;
pub mod sessions_admin;
pub mod upload_admin;

pub use import::{Summary, import};
