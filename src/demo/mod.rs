//! The demo year: an invented congress and learning series, made by the same verbs as real ones.

pub mod access;
pub mod certified;
pub mod credit;
pub mod doors;
pub mod key;
pub mod lobby;
pub mod mark;
pub mod materials;
pub mod pages;
pub mod people;
pub mod phones;
pub mod recorded;
pub mod seed;
pub mod series;
pub mod year;

/// Who acts when the demo makes or does something.
pub const ACTOR: crate::app::Actor = crate::app::Actor::Service("demo");
