//! Every story, rule and race in one test binary.

mod hospital_files;
mod schedule_file;
mod setup;
mod support;
mod tools;
mod trial;
