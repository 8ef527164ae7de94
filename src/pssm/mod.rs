//! The Patient Safety Structural Measure: a catalogue of its words in versions, and where sessions and people stand in it.

pub mod admin;
pub mod built_in;
pub mod drawing;
pub mod hospital_admin;
pub mod learned_pages;
pub mod links;
pub mod pages;
pub mod rules;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use crate::app::Tx;
use crate::audit::{self, Entry};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{pssm_versions, pssm_words};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::PssmVersionId;
use crate::incoming::tidy_line;
use crate::on_either;

/// The version that is there from the beginning.
const FIRST: &str = "pssm-1";
/// The first day of the measure's first period.
const FIRST_DAY: (i32, u32, u32) = (2025, 1, 1);
const LONGEST_WORDS: usize = 400;

/// A version of the catalogue, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = pssm_versions, check_for_backend(crate::db::Either))]
pub struct Version {
    pub id: PssmVersionId,
    pub number: i32,
    /// The measure's name, with the year of its period.
    pub framework: String,
    /// Where CMS publishes it.
    pub address: String,
    /// In force for events that begin on this day or later, until a later version's day.
    pub from_on: NaiveDate,
    pub made_at: Instant,
    pub actor: String,
    pub reason: String,
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = pssm_words, check_for_backend(crate::db::Either))]
struct Words {
    version_id: PssmVersionId,
    code: String,
    words: String,
}

/// A version with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    pub version: Version,
    words: BTreeMap<String, String>,
}

impl Catalogue {
    /// The words of a domain or statement.
    pub fn words_of(&self, code: &str) -> Option<&str> {
        self.words.get(code).map(String::as_str)
    }

    /// Every code with its words, a domain before its statements.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        rules::codes().map(|code| (code, self.words_of(code).unwrap_or_default()))
    }

    /// The catalogue as it came.
    fn first() -> Self {
        let (year, month, day) = FIRST_DAY;
        let version = Version {
            id: PssmVersionId::from(FIRST.to_owned()),
            number: 1,
            framework: built_in::FRAMEWORK.to_owned(),
            address: built_in::ADDRESS.to_owned(),
            from_on: NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default(),
            made_at: Instant::from_utc(chrono::NaiveDateTime::default()),
            actor: "service:start".to_owned(),
            reason: "The catalogue as it came.".to_owned(),
        };
        Self { version, words: built_in::all().map(|(code, words)| (code.to_owned(), words.to_owned())).collect() }
    }

    fn rows(&self) -> Vec<Words> {
        let row =
            |(code, words): (&String, &String)| Words { version_id: self.version.id.clone(), code: code.clone(), words: words.clone() };
        self.words.iter().map(row).collect()
    }
}

/// Every version, newest first; the one that came where none was stored yet.
pub fn versions(db: &mut Db) -> Result<Vec<Version>> {
    let stored: Vec<Version> = pssm_versions::table.order(pssm_versions::number.desc()).select(Version::as_select()).load(db)?;
    Ok(if stored.is_empty() { vec![Catalogue::first().version] } else { stored })
}

/// A version with its words.
pub fn with_words(db: &mut Db, version: Version) -> Result<Catalogue> {
    let rows: Vec<Words> = pssm_words::table.filter(pssm_words::version_id.eq(&version.id)).select(Words::as_select()).load(db)?;
    if rows.is_empty() && version.id.as_str() == FIRST {
        return Ok(Catalogue::first());
    }
    Ok(Catalogue { version, words: rows.into_iter().map(|row| (row.code, row.words)).collect() })
}

/// The version in force on a day: of those whose day has come the newest; before all of them the first.
pub fn on(db: &mut Db, day: NaiveDate) -> Result<Catalogue> {
    let all = versions(db)?;
    let begun = all.iter().filter(|version| version.from_on <= day).max_by_key(|version| (version.from_on, version.number));
    let version = begun.or(all.last()).cloned().ok_or(Error::NotFound)?;
    with_words(db, version)
}

/// The version in force when an event begins.
pub fn of_event(db: &mut Db, event: &Event) -> Result<Catalogue> {
    on(db, event.starts_on)
}

/// Stores the catalogue as it came, unless some version is there. Of two nodes that start at once, one succeeds.
pub fn seed(tx: &mut Tx<'_>) -> Result<()> {
    if pssm_versions::table.count().get_result::<i64>(tx.db)? > 0 {
        return Ok(());
    }
    let first = Catalogue::first();
    let version = Version { made_at: tx.now, ..first.version.clone() };
    let new = on_either!(&mut *tx.db, connection =>
        diesel::insert_into(pssm_versions::table).values(&version).on_conflict_do_nothing().execute(connection))?;
    if new == 1 {
        let rows = first.rows();
        on_either!(&mut *tx.db, connection => diesel::insert_into(pssm_words::table).values(&rows).execute(connection))?;
    }
    Ok(())
}

/// What staff type for a new version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    pub framework: String,
    pub address: String,
    pub from_on: String,
    /// By code.
    pub words: BTreeMap<String, String>,
    pub reason: String,
}

impl Draft {
    /// A stored version as it would be typed.
    pub fn of(catalogue: &Catalogue) -> Self {
        let version = &catalogue.version;
        let (framework, address, from_on) = (version.framework.clone(), version.address.clone(), version.from_on.to_string());
        Self { framework, address, from_on, words: catalogue.words.clone(), reason: String::new() }
    }

    fn read(&self) -> Result<(NaiveDate, BTreeMap<String, String>)> {
        let mut checks = Checks::new();
        for (field, text, missing) in [
            ("framework", &self.framework, "Enter the measure's name with the year of its period."),
            ("address", &self.address, "Enter where CMS publishes it."),
            ("reason", &self.reason, "Say what changed and where it stands, such as “IPPS final rule 2027”."),
        ] {
            checks.required(field, text, missing);
            checks.at_most(field, text, LONGEST_WORDS);
        }
        if !self.address.trim().is_empty() && !url::Url::parse(self.address.trim()).is_ok_and(|url| url.scheme() == "https") {
            checks.wrong("address", "address", "Enter a whole address that begins with https://.");
        }
        let from_on = checks.needed_day("from_on", &self.from_on, "Enter the first day it is in force.");
        let mut words = BTreeMap::new();
        for code in rules::codes() {
            let (field, text) = (format!("words_{code}"), tidy_line(self.words.get(code).map(String::as_str).unwrap_or_default()));
            checks.required(&field, &text, &format!("Enter the words of {code}."));
            checks.at_most(&field, &text, LONGEST_WORDS);
            words.insert(code.to_owned(), text);
        }
        checks.finish()?;
        Ok((from_on.ok_or(Error::NotFound)?, words))
    }
}

/// Saves what staff typed as a new version; sessions keep their codes and read by it. Refused when nothing is different.
pub fn save(tx: &mut Tx<'_>, draft: &Draft) -> Result<Version> {
    let (from_on, words) = draft.read()?;
    seed(tx)?;
    hold(tx)?;
    let newest = versions(tx.db)?.into_iter().next().ok_or(Error::NotFound)?;
    let before = with_words(tx.db, newest)?;
    let version = Version {
        id: PssmVersionId::new(),
        number: before.version.number + 1,
        framework: tidy_line(&draft.framework),
        address: draft.address.trim().to_owned(),
        from_on,
        made_at: tx.now,
        actor: tx.actor.label(),
        reason: tidy_line(&draft.reason),
    };
    let after = Catalogue { version: version.clone(), words };
    let facts = |one: &Catalogue| {
        let words = one.words.iter().map(|(code, words)| (format!("words_{code}"), json!(words)));
        let version = &one.version;
        let rest = [("framework", json!(version.framework)), ("address", json!(version.address)), ("from_on", json!(version.from_on))];
        words.chain(rest.map(|(name, value)| (name.to_owned(), value))).collect::<serde_json::Map<_, _>>()
    };
    let (old, new) = audit::differences(&facts(&before), &facts(&after))?;
    if new.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(Error::refused("pssm.nothing_changed", "Nothing is different from the newest version."));
    }
    diesel::insert_into(pssm_versions::table).values(&version).execute(tx.db)?;
    let rows = after.rows();
    on_either!(&mut *tx.db, connection => diesel::insert_into(pssm_words::table).values(&rows).execute(connection))?;
    Entry::of("pssm.version_made", "pssm_version", &version.id).before(old).after(new).reason(&version.reason).record(tx)?;
    Ok(version)
}

/// Makes every other write of the catalogue wait, so that the next number is free.
fn hold(tx: &mut Tx<'_>) -> Result<()> {
    diesel::update(pssm_versions::table).set(pssm_versions::number.eq(pssm_versions::number)).execute(tx.db)?;
    Ok(())
}
