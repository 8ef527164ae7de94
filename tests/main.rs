//! Every story, rule and race in one test binary.

mod answers;
mod checkin;
mod decisions;
mod desk;
mod hospital_files;
mod hospitals;
mod house;
mod names;
mod orders_api;
mod outbox;
mod prices;
mod portal;
mod public_pages;
mod races;
mod registering;
mod routes;
mod schedule_file;
mod seats;
mod seats_model;
mod setup;
mod sign_in;
mod setup_forms;
mod staff;
mod support;
mod tools;
mod trial;
