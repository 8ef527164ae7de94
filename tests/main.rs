//! Every story, rule and race in one test binary.

mod hospital_files;
mod schedule_file;
mod support;
mod tools;
