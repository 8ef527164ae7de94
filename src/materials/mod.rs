//! Materials of sessions: slides, documents and links, in versions, from content staff or the speaker (REC-1, REC-2).

pub mod access;
pub mod admin;
pub mod files_admin;
pub mod invitations;
pub mod pages;
pub mod rules;
pub mod speaker_pages;
pub mod taking_pages;
pub mod views;

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::json;

use crate::agenda::{self, Session};
use crate::app::Tx;
use crate::audit::Entry;
use crate::clock::Instant;
use crate::db::Db;
use crate::db::schema::{material_versions, materials, sessions};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::ids::{EventId, InvitationId, MaterialId, MaterialVersionId, SessionId, UploadId};
use crate::uploads::rules::Purpose;
use crate::uploads::{self, Upload};

/// So many versions a session's materials may have altogether: a link that got into wrong hands fills no disk.
const MOST_VERSIONS: i64 = 200;

/// Something that is handed out with a session, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = materials, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Material {
    pub id: MaterialId,
    pub session_id: SessionId,
    pub title: String,
    pub added_at: Instant,
    /// Nobody but staff sees it from then on.
    pub taken_down_at: Option<Instant>,
}

/// A version of a material: a file, or an address of the web.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = material_versions, check_for_backend(crate::db::Either), treat_none_as_default_value = false)]
pub struct Version {
    pub id: MaterialVersionId,
    pub material_id: MaterialId,
    pub number: i32,
    pub upload_id: Option<UploadId>,
    pub link: Option<String>,
    pub added_at: Instant,
    pub actor: String,
    /// The speaker's link by which it came.
    pub invitation_id: Option<InvitationId>,
    /// Since when people see it, until a newer one is shown. What a speaker sends waits for staff.
    pub shown_at: Option<Instant>,
}

/// What a version holds.
#[derive(Clone, Debug)]
pub enum Content {
    File(UploadId),
    Link(String),
}

/// What somebody hands in.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub title: String,
    /// The material that it is a new version of.
    pub of: Option<MaterialId>,
}

impl Wanted {
    /// A title that is fine; a new version keeps the title of its material.
    pub fn check(&self) -> Result<String> {
        let mut checks = Checks::new();
        let title = if self.of.is_some() { String::new() } else { rules::title(&mut checks, &self.title) };
        checks.finish()?;
        Ok(title)
    }
}

/// Adds a material, or a new version of one. From staff it is shown at once, in place of the one before; from a speaker's
/// link it waits until staff show it.
pub fn add(
    tx: &mut Tx<'_>,
    event: &Event,
    session: &Session,
    wanted: &Wanted,
    content: &Content,
    by: Option<&InvitationId>,
) -> Result<Version> {
    let title = wanted.check()?;
    agenda::hold(tx, &session.id)?;
    check_count(tx.db, &session.id)?;
    let (upload_id, link, facts) = match content {
        Content::File(id) => {
            let file = uploads::keep(tx, &event.id, id, Purpose::Material)?;
            (Some(id.clone()), None, json!({ "file": file.original_name, "bytes": file.size_bytes, "media_type": file.media_type }))
        }
        Content::Link(link) => (None, Some(link.clone()), json!({ "link": link })),
    };
    let (material, number) = match &wanted.of {
        Some(id) => (own(tx.db, &session.id, id)?, newest_number(tx.db, id)? + 1),
        None => {
            let row = Material { id: MaterialId::new(), session_id: session.id.clone(), title, added_at: tx.now, taken_down_at: None };
            diesel::insert_into(materials::table).values(&row).execute(tx.db)?;
            (row, 1)
        }
    };
    let version = Version {
        id: MaterialVersionId::new(),
        material_id: material.id.clone(),
        number,
        upload_id,
        link,
        added_at: tx.now,
        actor: tx.actor.label(),
        invitation_id: by.cloned(),
        shown_at: by.is_none().then_some(tx.now),
    };
    diesel::insert_into(material_versions::table).values(&version).execute(tx.db)?;
    let facts = json!({ "session": session.code, "title": material.title, "version": number, "content": facts, "shown": by.is_none() });
    Entry::of("material.added", "material", &material.id).event(&event.id).after(facts).record(tx)?;
    Ok(version)
}

/// Refused where a session has as many versions as it may have.
fn check_count(db: &mut Db, session: &SessionId) -> Result<()> {
    let own = material_versions::table.inner_join(materials::table).filter(materials::session_id.eq(session));
    if own.count().get_result::<i64>(db)? < MOST_VERSIONS {
        return Ok(());
    }
    Err(Error::refused("materials.too_many", "This session has as many files and links as it may have. Ask the program team."))
}

fn newest_number(db: &mut Db, material: &MaterialId) -> Result<i32> {
    let own = material_versions::table.filter(material_versions::material_id.eq(material));
    let newest: Option<i32> = own.select(diesel::dsl::max(material_versions::number)).first(db)?;
    Ok(newest.unwrap_or_default())
}

/// Shows a version that a speaker sent, or an older one again, in place of the one that is shown.
pub fn show(tx: &mut Tx<'_>, event: &Event, session: &Session, id: &MaterialVersionId) -> Result<()> {
    agenda::hold(tx, &session.id)?;
    let (material, version) = version_of(tx.db, &session.id, id)?;
    diesel::update(material_versions::table.find(id)).set(material_versions::shown_at.eq(Some(tx.now))).execute(tx.db)?;
    let facts = json!({ "session": session.code, "title": material.title, "version": version.number });
    Entry::of("material.shown", "material", &material.id).event(&event.id).after(facts).record(tx)
}

/// Takes a material down, or puts it up again. False when it was so already.
pub fn take_down(tx: &mut Tx<'_>, event: &Event, session: &Session, id: &MaterialId, is_down: bool) -> Result<bool> {
    agenda::hold(tx, &session.id)?;
    let before = own(tx.db, &session.id, id)?;
    if before.taken_down_at.is_some() == is_down {
        return Ok(false);
    }
    diesel::update(materials::table.find(id)).set(materials::taken_down_at.eq(is_down.then_some(tx.now))).execute(tx.db)?;
    let action = if is_down { "material.taken_down" } else { "material.put_up" };
    Entry::of(action, "material", id).event(&event.id).after(json!({ "session": session.code, "title": before.title })).record(tx)?;
    Ok(true)
}

/// A material of a session, or not found.
pub fn own(db: &mut Db, session: &SessionId, id: &MaterialId) -> Result<Material> {
    let own = materials::table.filter(materials::id.eq(id)).filter(materials::session_id.eq(session));
    own.select(Material::as_select()).first(db).map_err(Error::from)
}

/// A version of a session's materials with its material, or not found.
pub fn version_of(db: &mut Db, session: &SessionId, id: &MaterialVersionId) -> Result<(Material, Version)> {
    let own = material_versions::table.inner_join(materials::table).filter(material_versions::id.eq(id));
    let own = own.filter(materials::session_id.eq(session)).select((Material::as_select(), Version::as_select()));
    own.first(db).map_err(Error::from)
}

/// A material with its versions, newest first.
#[derive(Clone, Debug)]
pub struct Whole {
    pub material: Material,
    pub versions: Vec<Version>,
}

impl Whole {
    /// The version that people see: the one that was shown last.
    pub fn shown(&self) -> Option<&Version> {
        if self.material.taken_down_at.is_some() {
            return None;
        }
        self.versions.iter().filter(|version| version.shown_at.is_some()).max_by_key(|version| (version.shown_at, version.number))
    }

    /// Versions of a speaker that staff have not shown, newer than what is.
    pub fn waiting(&self) -> usize {
        let shown = self.shown().map_or(0, |version| version.number);
        self.versions.iter().filter(|version| version.shown_at.is_none() && version.number > shown).count()
    }
}

/// The materials of an event by session, oldest first.
pub fn of_event(db: &mut Db, event: &EventId) -> Result<HashMap<SessionId, Vec<Whole>>> {
    let of_event = materials::table.inner_join(sessions::table).filter(sessions::event_id.eq(event));
    let all: Vec<Material> = of_event.order(materials::id.asc()).select(Material::as_select()).load(db)?;
    let versions: Vec<Version> = material_versions::table
        .inner_join(materials::table.inner_join(sessions::table))
        .filter(sessions::event_id.eq(event))
        .order(material_versions::number.desc())
        .select(Version::as_select())
        .load(db)?;
    Ok(together(all, versions))
}

/// The materials of a session, oldest first.
pub fn of_session(db: &mut Db, session: &SessionId) -> Result<Vec<Whole>> {
    let all: Vec<Material> =
        materials::table.filter(materials::session_id.eq(session)).order(materials::id.asc()).select(Material::as_select()).load(db)?;
    let versions: Vec<Version> = material_versions::table
        .inner_join(materials::table)
        .filter(materials::session_id.eq(session))
        .order(material_versions::number.desc())
        .select(Version::as_select())
        .load(db)?;
    Ok(together(all, versions).remove(session).unwrap_or_default())
}

fn together(all: Vec<Material>, versions: Vec<Version>) -> HashMap<SessionId, Vec<Whole>> {
    let mut of: HashMap<MaterialId, Vec<Version>> = HashMap::new();
    for version in versions {
        of.entry(version.material_id.clone()).or_default().push(version);
    }
    let mut whole: HashMap<SessionId, Vec<Whole>> = HashMap::new();
    for material in all {
        let versions = of.remove(&material.id).unwrap_or_default();
        whole.entry(material.session_id.clone()).or_default().push(Whole { material, versions });
    }
    whole
}

/// The files of these versions.
pub fn files_of<'a>(db: &mut Db, versions: impl Iterator<Item = &'a Version>) -> Result<HashMap<UploadId, Upload>> {
    let ids: Vec<UploadId> = versions.filter_map(|version| version.upload_id.clone()).collect();
    let mut files = HashMap::new();
    for some in ids.chunks(500) {
        files.extend(uploads::list(db, some)?.into_iter().map(|file| (file.id.clone(), file)));
    }
    Ok(files)
}

/// The session of a material, or not found.
pub fn session_of(db: &mut Db, id: &MaterialId) -> Result<SessionId> {
    materials::table.find(id).select(materials::session_id).first(db).map_err(Error::from)
}
