//! Setting up an event: from one document, from another program's schedule, and by hand.

pub mod checkpoints;
pub mod document;
pub mod import;

pub use import::{Summary, import};
