//! The lobby of an event for registered people: what is on, news, materials and recordings, the help desk, and the letters
//! of the day.

pub mod admin;
pub mod announcements;
pub mod audience;
pub mod daily;
pub mod daily_admin;
pub mod overview;
pub mod pages;
pub mod personal;
pub mod questions;
pub mod questions_admin;
pub mod recordings;
pub mod rules;
pub mod sending;
