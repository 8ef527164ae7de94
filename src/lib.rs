//! Lanyard: registration, seats, doors and credit for a Patient Safety Congress, in building order.

pub mod error;
pub mod incoming;
pub mod clock;
pub mod money;
pub mod typed;
pub mod ids;
pub mod config;
pub mod templates;
pub mod qr;
pub mod pdf;
pub mod sheets;
pub mod mailer;
pub mod limits;
pub mod meters;
pub mod snapshots;
pub mod known;
pub mod db;
pub mod app;
pub mod together;

pub mod audit;
pub mod jobs;
pub mod mail;
pub mod answers;

pub mod people;
pub mod staff;
pub mod hospitals;
pub mod events;
pub mod agenda;
pub mod pricing;
pub mod registration;
pub mod enrollment;
pub mod badges;
pub mod orders;
pub mod checkin;
pub mod devices;
pub mod live;
pub mod webinars;
pub mod participation;
pub mod evaluations;
pub mod credits;
pub mod reports;
pub mod setup;
pub mod demo;
pub mod backup;

pub mod portal;
pub mod desk;
pub mod pickup;
pub mod http;
pub mod routes;
pub mod timetable;
pub mod node;
pub mod openapi;
pub mod cli;
