//! The command line: one file per group of commands, and how they answer.

mod agenda;
mod attendance;
mod backup;
mod demo;
mod doctor;
mod imports;
mod progress;
mod serve;
mod setup;
mod staff;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config};
use crate::error::Error;
use crate::openapi;

/// Why a command did not do what it was asked: sentences for the terminal, one a line.
#[derive(Debug)]
pub struct Stop(Vec<String>);

/// What commands return.
pub type Done = Result<(), Stop>;

impl Stop {
    pub fn because(sentence: impl Into<String>) -> Self {
        Self(vec![sentence.into()])
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(fields) => Self(fields.iter().map(|field| format!("{}: {}", field.field, field.detail)).collect()),
            // Whoever runs commands may see what happened inside.
            Error::Internal(cause) => Self::because(cause),
            other => Self::because(other.to_string()),
        }
    }
}

impl From<Vec<String>> for Stop {
    fn from(sentences: Vec<String>) -> Self {
        Self(sentences)
    }
}

/// Registration, seats and doors for a Patient Safety Congress and its learning series.
#[derive(Parser)]
#[command(name = "lanyard", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve, with the settings of the environment.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Copy database and files into a folder, while the service runs.
    Backup(backup::Folder),
    /// Put a backup back into an empty database and folder.
    Restore(backup::Folder),
    /// Check settings, database, mail, storage and clock.
    Doctor,
    /// Make or reopen a demo with a congress, people and staff, and serve it.
    Demo(demo::Demo),
    /// Staff accounts.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Tokens for programs.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Hospitals.
    #[command(subcommand)]
    Hospitals(HospitalsCommand),
    /// Recognitions of hospitals.
    #[command(subcommand)]
    Recognitions(RecognitionsCommand),
    /// Print the API document (OpenAPI 3.1).
    Openapi,
    /// Whole events from documents.
    #[command(subcommand)]
    Event(EventCommand),
    /// Agendas from and for other programs.
    #[command(subcommand)]
    Agenda(AgendaCommand),
    /// Participant reports of webinars.
    #[command(subcommand)]
    Attendance(AttendanceCommand),
    /// Print every setting with an example (the text of .env.example).
    Settings,
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add an account (or a role to one) and print a one-time link to set its password.
    Add(staff::Add),
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token and print it, once.
    Create(staff::CreateToken),
}

#[derive(Subcommand)]
enum HospitalsCommand {
    /// Import the list that CMS publishes as "Hospital General Information".
    Import(imports::ListFile),
}

#[derive(Subcommand)]
enum RecognitionsCommand {
    /// Import a list of recognized hospitals with their terms.
    Import(imports::ListFile),
}

#[derive(Subcommand)]
enum EventCommand {
    /// Make or change an event from one TOML or JSON document; nothing is deleted, and a second time changes nothing.
    Import(setup::ImportEvent),
}

#[derive(Subcommand)]
enum AgendaCommand {
    /// Import schedule.json, schedule.xml (pretalx, frab and their kin) or Sessionize's All view.
    Import(setup::ImportAgenda),
    /// Print the agenda as schedule.json, schedule.xml or a calendar.
    Export(agenda::Export),
}

#[derive(Subcommand)]
enum AttendanceCommand {
    /// Import the report of who was in a webinar when, as Zoom and others make it.
    Import(attendance::Import),
}

/// The event that a command is about.
#[derive(Args)]
struct EventChoice {
    /// The event's slug, such as congress-2026; without it, all events.
    #[arg(long)]
    event: Option<String>,
}

/// Runs the command line: 0 done, 1 refused with sentences on stderr, 2 not understood.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match dispatch(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop(sentences)) => {
            for sentence in sentences {
                eprintln!("{sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Done {
    match command {
        Command::Serve => serve::serve(),
        Command::Migrate => serve::migrate(),
        Command::Backup(given) => backup::backup(&given),
        Command::Restore(given) => backup::restore(&given),
        Command::Doctor => doctor::doctor(),
        Command::Demo(given) => demo::demo(given),
        Command::Staff(StaffCommand::Add(add)) => staff::add(add),
        Command::Token(TokenCommand::Create(create)) => staff::create_token(create),
        Command::Hospitals(HospitalsCommand::Import(given)) => imports::hospitals(&given),
        Command::Recognitions(RecognitionsCommand::Import(given)) => imports::recognitions(&given),
        Command::Openapi => {
            println!("{}", openapi::document()?);
            Ok(())
        }
        Command::Event(EventCommand::Import(import)) => setup::import_event(&import),
        Command::Agenda(AgendaCommand::Import(import)) => setup::import_agenda(&import),
        Command::Agenda(AgendaCommand::Export(export)) => agenda::export(&export),
        Command::Attendance(AttendanceCommand::Import(import)) => attendance::import(&import),
        Command::Settings => {
            print!("{}", config::example());
            Ok(())
        }
    }
}

/// The settings of a command that needs the database and these further ones.
fn settings_with(needed: &[&str]) -> Result<Config, Stop> {
    Ok(Config::of_command(&config::environment(), needed)?)
}

/// Log lines to stderr, by RUST_LOG; without it `info`, and of the server underneath only warnings.
pub fn start_log() {
    start_log_at("info,actix_server=warn");
}

/// Log lines to stderr, by RUST_LOG or, without it, at this level.
pub fn start_log_at(level: &str) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start (in tests) keeps the first.
    let _ = lines.with_ansi(std::io::stderr().is_terminal()).try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn the_example_of_settings_is_the_one_that_the_program_prints() {
        let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.env.example")).unwrap();
        assert_eq!(file, config::example(), "run `lanyard settings > .env.example`");
    }
}
