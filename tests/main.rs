//! Every story, rule and race in one test binary.

mod answers;
mod hospital_files;
mod public_pages;
mod schedule_file;
mod setup;
mod support;
mod tools;
mod trial;
