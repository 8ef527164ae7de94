//! The accredited provider of record, and the statements whose wording accreditors fix, in versions (CEU-1).

use std::collections::HashMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::catalogue::{ceus, wording_of};
use super::rules::hundredths_words;
use crate::app::Tx;
use crate::audit::{Entry, differences};
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{credit_providers, credit_statements};
use crate::error::{Checks, Error, Result};
use crate::events::{self, Event};
use crate::ids::{EventId, StatementId};

/// The provider of record of an event, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_providers, check_for_backend(crate::db::Either))]
pub struct Provider {
    pub event_id: EventId,
    pub name: String,
    pub address: String,
    pub web_address: String,
    /// Partners that are not accredited, named in a sentence of their own.
    pub joint_with: String,
    /// Seven digits.
    pub accme_number: String,
    /// Four digits.
    pub acpe_number: String,
    pub ancc_number: String,
    pub aswb_number: String,
    /// California's provider number for nurses.
    pub cep_number: String,
    pub signatory: String,
    pub signatory_post: String,
}

/// A provider as staff type it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProviderDraft {
    pub name: String,
    pub address: String,
    pub web_address: String,
    pub joint_with: String,
    pub accme_number: String,
    pub acpe_number: String,
    pub ancc_number: String,
    pub aswb_number: String,
    pub cep_number: String,
    pub signatory: String,
    pub signatory_post: String,
}

impl ProviderDraft {
    pub fn of(provider: &Provider) -> Self {
        let provider = provider.clone();
        Self {
            name: provider.name,
            address: provider.address,
            web_address: provider.web_address,
            joint_with: provider.joint_with,
            accme_number: provider.accme_number,
            acpe_number: provider.acpe_number,
            ancc_number: provider.ancc_number,
            aswb_number: provider.aswb_number,
            cep_number: provider.cep_number,
            signatory: provider.signatory,
            signatory_post: provider.signatory_post,
        }
    }

    fn read(&self, event: &EventId) -> Result<Provider> {
        let mut checks = Checks::new();
        checks.required("name", &self.name, "Enter the name under which the provider is accredited.");
        checks.required("address", &self.address, "Enter the provider’s address; nursing certificates carry it.");
        for (field, number, digits) in [("accme_number", &self.accme_number, 7), ("acpe_number", &self.acpe_number, 4)] {
            let number = number.trim();
            if !number.is_empty() && (number.len() != digits || !number.bytes().all(|byte| byte.is_ascii_digit())) {
                checks.wrong(field, "digits", format!("This number has {digits} digits, leading zeros included."));
            }
        }
        checks.finish()?;
        let trimmed = |text: &String| crate::typed::tidy_text(text);
        Ok(Provider {
            event_id: event.clone(),
            name: trimmed(&self.name),
            address: trimmed(&self.address),
            web_address: trimmed(&self.web_address),
            joint_with: trimmed(&self.joint_with),
            accme_number: trimmed(&self.accme_number),
            acpe_number: trimmed(&self.acpe_number),
            ancc_number: trimmed(&self.ancc_number),
            aswb_number: trimmed(&self.aswb_number),
            cep_number: trimmed(&self.cep_number),
            signatory: trimmed(&self.signatory),
            signatory_post: trimmed(&self.signatory_post),
        })
    }
}

/// The provider of record of an event.
pub fn find(db: &mut Db, event: &EventId) -> Result<Option<Provider>> {
    Ok(credit_providers::table.find(event).select(Provider::as_select()).first(db).optional()?)
}

/// Saves the provider of record.
pub fn save(tx: &mut Tx<'_>, event: &Event, draft: &ProviderDraft) -> Result<()> {
    events::hold(tx, &event.id)?;
    let provider = draft.read(&event.id)?;
    let before = find(tx.db, &event.id)?;
    match before {
        Some(_) => diesel::update(credit_providers::table.find(&event.id)).set(&provider).execute(tx.db)?,
        None => diesel::insert_into(credit_providers::table).values(&provider).execute(tx.db)?,
    };
    let (old, new) = differences(&before.as_ref().map(ProviderDraft::of).unwrap_or_default(), &ProviderDraft::of(&provider))?;
    tx.event_changed(&event.id);
    Entry::of("credit_provider.saved", "event", &event.id).event(&event.id).before(old).after(new).record(tx)
}

/// One version of a statement, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_statements, check_for_backend(crate::db::Either))]
pub struct Statement {
    pub id: StatementId,
    pub event_id: EventId,
    pub kind: String,
    pub version: i32,
    pub words: String,
    pub made_at: Instant,
    pub actor: String,
}

/// The newest version of a statement; none while the wording of the catalogue stands.
pub fn statement(db: &mut Db, event: &EventId, kind: &str) -> Result<Option<Statement>> {
    Ok(credit_statements::table
        .filter(credit_statements::event_id.eq(event))
        .filter(credit_statements::kind.eq(kind))
        .order(credit_statements::version.desc())
        .select(Statement::as_select())
        .first(db)
        .optional()?)
}

/// Saves the next version of a statement.
pub fn save_statement(tx: &mut Tx<'_>, event: &Event, kind: &str, words: &str) -> Result<()> {
    let wording = wording_of(kind).ok_or(Error::NotFound)?;
    events::hold(tx, &event.id)?;
    let mut checks = Checks::new();
    checks.required("words", words, "Enter the statement.");
    checks.at_most("words", words, 2000);
    checks.finish()?;
    let before = statement(tx.db, &event.id, kind)?;
    let row = Statement {
        id: StatementId::new(),
        event_id: event.id.clone(),
        kind: kind.to_owned(),
        version: before.as_ref().map_or(1, |before| before.version) + 1,
        words: crate::typed::tidy_text(words),
        made_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(credit_statements::table).values(&row).execute(tx.db)?;
    tx.event_changed(&event.id);
    Entry::of("credit_statement.saved", "event", &event.id)
        .event(&event.id)
        .before(json!({ "words": before.map_or_else(|| wording.words.to_owned(), |before| before.words) }))
        .after(json!({ "statement": kind, "version": row.version, "words": row.words }))
        .record(tx)
}

/// The newest version of every statement of an event, by its kind.
pub fn statements(db: &mut Db, event: &EventId) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = credit_statements::table
        .filter(credit_statements::event_id.eq(event))
        .order(credit_statements::version.asc())
        .select((credit_statements::kind, credit_statements::words))
        .load(db)?;
    // Later versions replace earlier ones.
    Ok(rows.into_iter().collect())
}

/// What a statement's braces are filled with.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    pub provider: String,
    pub partners: String,
    pub format: String,
    /// Credit in hundredths.
    pub hundredths: i64,
    pub uan: String,
    /// On certificates: whose it is, for what, when, how much of which credit, and the number of California's board.
    pub name: String,
    pub title: String,
    pub dates: String,
    pub credit: String,
    pub cep: String,
}

/// A statement as it reads: the newest version, or the catalogue's, with everything filled in.
pub fn statement_words(db: &mut Db, event: &EventId, kind: &str, filling: &Filling) -> Result<String> {
    let newest = statement(db, event, kind)?.map(|statement| statement.words);
    Ok(filled(newest.as_deref(), kind, filling))
}

/// These words, or else the catalogue's, with everything filled in.
pub fn filled(newest: Option<&str>, kind: &str, filling: &Filling) -> String {
    let words = newest.unwrap_or_else(|| wording_of(kind).map_or("", |wording| wording.words));
    let pairs = [
        ("provider", filling.provider.clone()),
        ("partners", filling.partners.clone()),
        ("format", filling.format.clone()),
        ("n", hundredths_words(filling.hundredths)),
        ("ceus", ceus(filling.hundredths)),
        ("uan", filling.uan.clone()),
        ("name", filling.name.clone()),
        ("title", filling.title.clone()),
        ("dates", filling.dates.clone()),
        ("credit", filling.credit.clone()),
        ("cep", filling.cep.clone()),
    ];
    // In one pass, so that a brace inside a name or a title stays what it is.
    let (mut read, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once('{') {
        read.push_str(before);
        let known = pairs.iter().find_map(|(brace, value)| Some((value, after.strip_prefix(brace)?.strip_prefix('}')?)));
        match known {
            Some((value, after)) => {
                read.push_str(value);
                rest = after;
            }
            None => {
                read.push('{');
                rest = after;
            }
        }
    }
    read + rest
}
