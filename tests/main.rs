//! Every story, rule and race in one test binary.

mod hospital_files;
mod house;
mod public_pages;
mod schedule_file;
mod support;
mod tools;
mod trial;
