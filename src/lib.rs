//! Lanyard: registration, seats, doors and credit for a Patient Safety Congress, in building order.

pub mod error;
pub mod clock;
pub mod money;
pub mod ids;
pub mod config;
pub mod templates;
pub mod qr;
pub mod mailer;
pub mod db;
pub mod app;

pub mod audit;
pub mod jobs;
pub mod mail;
