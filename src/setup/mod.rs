//! Setting up an event: from one document, from another program's schedule, and by hand.

pub mod agenda_import;
pub mod checkpoints;
pub mod document;
pub mod import;
pub mod rules;
pub mod sessions;

pub use import::{Summary, import};
