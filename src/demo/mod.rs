//! The demo year: an invented congress and learning series, made by the same verbs as real ones.

pub mod access;
pub mod mark;
pub mod pages;
pub mod year;
