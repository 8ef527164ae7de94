//! Every story, rule and race in one test binary.

mod answers;
mod hospital_files;
mod house;
mod names;
mod outbox;
mod public_pages;
mod races;
mod schedule_file;
mod seats_model;
mod setup;
mod support;
mod tools;
mod trial;
mod walk;
