//! `lanyard doctor`: checks what the service needs, line by line.

use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::serve::settings;
use super::{Done, Stop};
use crate::app::{Actor, App};
use crate::clock::{Clock, Instant, Stopwatch};
use crate::config::Config;
use crate::db::{self, Address};
use crate::mailer::Mailer;
use crate::storage::Storage;

/// What one check found: a word or two, or what is wrong and what to do.
type Finding = Result<String, String>;

/// Checks settings, database, mail, storage and clock; refused when any of them is not well.
pub fn doctor() -> Done {
    let config = match settings() {
        Ok(config) => config,
        Err(wrong) => {
            for sentence in &wrong {
                line("settings", &Err(sentence.clone()));
            }
            return Err(Stop::because("The settings have to be put right first."));
        }
    };
    let findings = [
        ("settings", Ok("all there".to_owned())),
        ("database", database(&config)),
        ("writing", writing(&config)),
        ("mail", mail(&config)),
        ("data", data(&config.data)),
        ("storage", storage(&config)),
        ("clock", clock(&Clock::system())),
    ];
    let mut unwell = 0;
    for (what, finding) in &findings {
        line(what, finding);
        unwell += usize::from(finding.is_err());
    }
    if unwell == 0 { Ok(()) } else { Err(Stop::because(format!("{unwell} of {} checks found something.", findings.len()))) }
}

fn line(what: &str, finding: &Finding) {
    match finding {
        Ok(words) => println!("ok    {what}: {words}"),
        Err(sentence) => println!("WRONG {what}: {sentence}"),
    }
}

fn words(error: crate::error::Error) -> String {
    match error {
        crate::error::Error::Internal(cause) => cause,
        other => other.to_string(),
    }
}

fn database(config: &Config) -> Finding {
    let watch = Stopwatch::start();
    let mut connection = Address::parse(&config.database_url).and_then(|address| address.open()).map_err(words)?;
    db::ping(&mut connection).map_err(words)?;
    let answered = watch.elapsed().as_millis();
    match db::pending_migrations(&mut connection).map_err(words)? {
        0 => Ok(format!("answers in {answered} ms, schema up to date")),
        pending => Err(format!("the schema is behind by {pending} migrations; run `lanyard migrate`")),
    }
}

/// A transaction that is taken back, to see that writing works.
fn writing(config: &Config) -> Finding {
    let app = App::start(config.clone(), Clock::system(), Mailer::Memory(std::sync::Mutex::default())).map_err(words)?;
    let watch = Stopwatch::start();
    let undone: crate::error::Result<()> = app.write_here(Actor::Service("doctor"), |tx| {
        crate::audit::Entry::of("doctor.tried", "installation", "doctor").record(tx)?;
        Err(crate::error::Error::NotFound)
    });
    match undone {
        Err(crate::error::Error::NotFound) => Ok(format!("a transaction was tried and taken back in {} ms", watch.elapsed().as_millis())),
        Err(other) => Err(words(other)),
        Ok(()) => Err("a transaction that failed was kept".to_owned()),
    }
}

fn mail(config: &Config) -> Finding {
    Mailer::from_config(config).map_err(words)?.check()?;
    Ok(match &config.smtp_url {
        Some(_) => "the mail server answers".to_owned(),
        None => {
            format!("letters are written to {} and reach nobody; set LANYARD_SMTP_URL to send them", config.data.join("mail").display())
        }
    })
}

/// An object is written, looked at and removed.
fn storage(config: &Config) -> Finding {
    let storage = Storage::from_config(config).map_err(words)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|cause| cause.to_string())?;
    let found = runtime.block_on(storage.check()).map_err(words)?;
    let free = storage.free_bytes().map_err(words)?;
    Ok(free.map_or(found.clone(), |bytes| format!("{found}, {} GB free", bytes / 1_000_000_000)))
}

fn data(folder: &Path) -> Finding {
    let probe = folder.join(".doctor");
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"lanyard"))
        .and_then(|()| std::fs::read(&probe))
        .and_then(|_| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Ok(format!("{} can be written", folder.display())),
        Err(cause) => Err(format!("{} cannot be written: {cause}", folder.display())),
    }
}

/// The clock must not lie before the time this program was written, and zones must be known.
fn clock(clock: &Clock) -> Finding {
    let now = clock.now();
    if now.utc().year() < 2025 {
        return Err(format!("the system's clock says {}, which is in the past; set it", now.utc().format("%Y-%m-%d %H:%M UTC")));
    }
    let summer = NaiveDate::from_ymd_opt(2026, 4, 17).map(|day| Instant::start_of_day(day, chrono_tz::Tz::America__Los_Angeles));
    if summer != Instant::parse("2026-04-17T00:00:00-07:00") {
        return Err("the table of time zones is wrong".to_owned());
    }
    Ok(now.utc().format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
