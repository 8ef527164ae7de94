//! A speaker's own link to hand in materials for one session: no sign-in, its hash at rest, expiring, replaceable.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::material_invitations;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{InvitationId, SessionId, new_secret, secret_hash};

/// So long after the session a link works.
const AFTER: Duration = Duration::days(14);
/// And at least so long.
const AT_LEAST: Duration = Duration::days(14);

/// A speaker's link, as it is stored: the secret itself is not.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = material_invitations, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Invitation {
    pub id: InvitationId,
    pub session_id: SessionId,
    /// The speaker's name as the agenda has it.
    pub speaker: String,
    pub secret_hash: String,
    pub made_at: Instant,
    pub expires_at: Instant,
    pub withdrawn_at: Option<Instant>,
    pub actor: String,
}

impl Invitation {
    pub fn works(&self, now: Instant) -> bool {
        self.withdrawn_at.is_none() && now < self.expires_at
    }
}

/// The names of a session's speakers.
pub fn speakers_of(session: &Session) -> Vec<String> {
    session.speakers.lines().map(|line| line.split(',').next().unwrap_or(line).trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Makes a speaker's link and gives its secret, which is told this once; an older link of the same speaker stops working.
pub fn invite(tx: &mut Tx<'_>, event: &Event, session: &Session, speaker: &str) -> Result<String> {
    let speaker = speakers_of(session).into_iter().find(|name| name == speaker.trim());
    let speaker = speaker.ok_or_else(|| Error::invalid("speaker", "unknown", "Choose one of the session's speakers."))?;
    agenda::hold(tx, &session.id)?;
    let replaced = retire(tx, &session.id, &speaker)?;
    let secret = new_secret();
    let row = Invitation {
        id: InvitationId::new(),
        session_id: session.id.clone(),
        speaker,
        secret_hash: secret_hash(&secret),
        made_at: tx.now,
        expires_at: session.ends_at.plus(AFTER).max(tx.now.plus(AT_LEAST)),
        withdrawn_at: None,
        actor: tx.actor.label(),
    };
    diesel::insert_into(material_invitations::table).values(&row).execute(tx.db)?;
    let facts = json!({ "session": session.code, "expires_at": row.expires_at, "replaces": replaced > 0 });
    Entry::of("material_link.made", "material_invitation", &row.id).event(&event.id).after(facts).record(tx)?;
    Ok(secret)
}

fn retire(tx: &mut Tx<'_>, session: &SessionId, speaker: &str) -> Result<usize> {
    let live = material_invitations::table
        .filter(material_invitations::session_id.eq(session))
        .filter(material_invitations::speaker.eq(speaker))
        .filter(material_invitations::withdrawn_at.is_null());
    Ok(diesel::update(live).set(material_invitations::withdrawn_at.eq(Some(tx.now))).execute(tx.db)?)
}

/// Takes a speaker's link back; not found where there is none that works.
pub fn withdraw(tx: &mut Tx<'_>, event: &Event, session: &Session, speaker: &str) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    if retire(tx, &session.id, speaker.trim())? == 0 {
        return Err(Error::NotFound);
    }
    Entry::of("material_link.withdrawn", "session", &session.id).event(&event.id).after(json!({ "session": session.code })).record(tx)
}

/// The invitation whose link this is, while it works.
pub fn find(db: &mut Db, secret: &str, now: Instant) -> Result<Invitation> {
    let own = material_invitations::table.filter(material_invitations::secret_hash.eq(secret_hash(secret)));
    let found: Option<Invitation> = own.select(Invitation::as_select()).first(db).optional()?;
    found.filter(|invitation| invitation.works(now)).ok_or(Error::NotFound)
}

/// The links that a speaker of a session ever had.
pub fn of_speaker(db: &mut Db, session: &SessionId, speaker: &str) -> Result<Vec<InvitationId>> {
    let own = material_invitations::table.filter(material_invitations::session_id.eq(session));
    Ok(own.filter(material_invitations::speaker.eq(speaker)).select(material_invitations::id).load(db)?)
}

/// A session's links, newest first, those that stopped working too.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<Vec<Invitation>> {
    Ok(material_invitations::table
        .filter(material_invitations::session_id.eq(session))
        .order(material_invitations::id.desc())
        .select(Invitation::as_select())
        .load(db)?)
}
