//! Disclosures of a session's faculty with the instant of their publication, and who presents it (CEU-4, CEU-9).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{disclosures, session_presenters, sessions};
use crate::error::{Checks, Result};
use crate::events::Event;
use crate::ids::{DisclosureId, EventId, RegistrationId, SessionId};
use crate::registration::{self, Registration};
use crate::typed::yes;

/// A disclosure, as it is stored; the newest of a session counts.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = disclosures, check_for_backend(crate::db::Either))]
pub struct Disclosure {
    pub id: DisclosureId,
    pub session_id: SessionId,
    pub nothing_to_disclose: bool,
    /// Who has which relationship with which ineligible company (names only).
    pub words: String,
    /// How it was mitigated.
    pub mitigation: String,
    pub published_at: Instant,
    pub actor: String,
}

/// A disclosure as staff type it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DisclosureDraft {
    #[serde(deserialize_with = "yes")]
    pub nothing_to_disclose: bool,
    pub words: String,
    pub mitigation: String,
    /// Registration codes of those who present, one a line.
    pub presenters: String,
}

/// The disclosure of a session that counts.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<Option<Disclosure>> {
    Ok(disclosures::table
        .filter(disclosures::session_id.eq(session))
        .order(disclosures::id.desc())
        .select(Disclosure::as_select())
        .first(db)
        .optional()?)
}

/// The sessions of an event with a disclosure, and when its first was published.
pub fn published(db: &mut Db, event: &EventId) -> Result<Vec<(SessionId, Instant)>> {
    let rows: Vec<(SessionId, Instant)> = disclosures::table
        .inner_join(sessions::table)
        .filter(sessions::event_id.eq(event))
        .order(disclosures::id.desc())
        .select((disclosures::session_id, disclosures::published_at))
        .load(db)?;
    Ok(rows)
}

/// The registrations of those who present a session.
pub fn presenters(db: &mut Db, session: &SessionId) -> Result<Vec<Registration>> {
    let ids: Vec<RegistrationId> = session_presenters::table
        .filter(session_presenters::session_id.eq(session))
        .select(session_presenters::registration_id)
        .load(db)?;
    ids.iter().map(|id| registration::get_by_id(db, id)).collect()
}

/// The sessions that somebody presents.
pub fn presented_by(db: &mut Db, registration: &RegistrationId) -> Result<Vec<SessionId>> {
    Ok(session_presenters::table
        .filter(session_presenters::registration_id.eq(registration))
        .select(session_presenters::session_id)
        .load(db)?)
}

/// Publishes a session's disclosure, and says who presents it. What was published before stays on record.
pub fn publish(tx: &mut Tx<'_>, event: &Event, session: &Session, draft: &DisclosureDraft) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    let mut checks = Checks::new();
    let words = crate::typed::tidy_text(&draft.words);
    if !draft.nothing_to_disclose {
        checks.required("words", &words, "Name who has which relationship with which company, or say that there is none.");
        checks.required("mitigation", &draft.mitigation, "Say how it was mitigated.");
    }
    checks.at_most("words", &words, 4000);
    checks.at_most("mitigation", &draft.mitigation, 2000);
    let mut presenting = Vec::new();
    for code in draft.presenters.split_whitespace() {
        match registration::get(tx.db, code) {
            Ok(found) if found.event_id == event.id => presenting.push(found),
            _ => checks.wrong("presenters", "unknown", format!("There is no registration {code} at this event.")),
        }
    }
    checks.finish()?;
    let row = Disclosure {
        id: DisclosureId::new(),
        session_id: session.id.clone(),
        nothing_to_disclose: draft.nothing_to_disclose,
        words: if draft.nothing_to_disclose { String::new() } else { words },
        mitigation: if draft.nothing_to_disclose { String::new() } else { crate::typed::tidy_text(&draft.mitigation) },
        published_at: tx.now,
        actor: tx.actor.label(),
    };
    diesel::insert_into(disclosures::table).values(&row).execute(tx.db)?;
    diesel::delete(session_presenters::table.filter(session_presenters::session_id.eq(&session.id))).execute(tx.db)?;
    for one in &presenting {
        let columns = (session_presenters::session_id.eq(&session.id), session_presenters::registration_id.eq(&one.id));
        diesel::insert_into(session_presenters::table).values(columns).execute(tx.db)?;
    }
    tx.event_changed(&event.id);
    let facts = json!({
        "session": session.code, "nothing_to_disclose": row.nothing_to_disclose, "words": row.words, "mitigation": row.mitigation,
        "presenters": presenting.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(),
    });
    Entry::of("disclosure.published", "session", &session.id).event(&event.id).after(facts).record(tx)
}
