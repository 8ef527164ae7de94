//! Hands the command line to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lanyard::cli::run()
}
