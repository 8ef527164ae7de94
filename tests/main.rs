//! Every story, rule and race in one test binary.

mod answers;
mod checkin;
mod decisions;
mod desk;
mod hospital_files;
mod hospitals;
mod house;
mod names;
mod outbox;
mod public_pages;
mod races;
mod routes;
mod schedule_file;
mod seats_model;
mod setup;
mod staff;
mod support;
mod tools;
mod trial;
