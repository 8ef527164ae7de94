//! Every story, rule and race in one test binary.

mod answers;
mod checkin;
mod desk;
mod hospital_files;
mod hospitals;
mod house;
mod orders_api;
mod portal;
mod public_pages;
mod registering;
mod schedule_file;
mod setup;
mod staff;
mod support;
mod tools;
mod trial;
