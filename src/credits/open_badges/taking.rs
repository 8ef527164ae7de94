//! Taking an Open Badge: made, signed and kept when its holder first asks, so that issuing certificates costs nothing more.

use diesel::prelude::*;

use super::achievements::{self, Achievement};
use super::credential::{self, Facts};
use super::picture::{self, Wording};
use super::{OpenBadge, baking, find, keep, keys, lacks, make};
use crate::app::{Actor, App};
use crate::clock::Instant;
use crate::credits::certificates::printed::Printed;
use crate::credits::certificates::{self, Version, Whole};
use crate::db::Db;
use crate::db::schema::status_lists;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::ids::{RegistrationId, StatusListId};
use crate::people;
use crate::registration::Registration;

/// An Open Badge, signed.
pub struct Taken {
    /// The certificate's number, in groups.
    pub number: String,
    pub version: i32,
    pub credential_id: String,
    pub made_at: Instant,
    /// The signed text.
    pub credential: String,
    pub printed: Printed,
    pub achievement: Achievement,
}

/// What is known before anything is signed.
struct Ready {
    event: Event,
    registration: RegistrationId,
    email: String,
    whole: Whole,
    version: Version,
    printed: Printed,
    achievement: Achievement,
    made: Option<OpenBadge>,
}

fn ready(db: &mut Db, event: Event, registration: &Registration, serial: &str) -> Result<Ready> {
    let whole = certificates::get(db, &registration.id, serial)?;
    if let Some(missing) = lacks(db, &event.id, whole.newest()?.1.is_some())? {
        return Err(Error::refused(missing.code(), missing.words()));
    }
    let version = whole.newest()?.0.clone();
    Ok(Ready {
        registration: registration.id.clone(),
        email: people::get(db, &registration.person_id)?.email,
        achievement: achievements::of_certificate(db, &whole.certificate, &event, &version)?,
        made: find(db, &version.id)?,
        printed: version.read()?,
        version,
        whole,
        event,
    })
}

fn list_number(db: &mut Db, list: &StatusListId) -> Result<i32> {
    Ok(status_lists::table.find(list).select(status_lists::number).first(db)?)
}

/// The Open Badge of a registration's certificate. The first time it is made and signed; afterwards it is the same text.
pub async fn take(app: &App, actor: Actor, event: &Event, registration: &Registration, serial: &str) -> Result<Taken> {
    let (own, of, serial) = (event.clone(), registration.clone(), serial.to_owned());
    let mut ready = app.read(move |db| ready(db, own, &of, &serial)).await?;
    let known = ready.made.take().and_then(|badge| Some((badge.made_at, badge.credential?)));
    let (made_at, credential) = match known {
        Some(known) => known,
        None => sign(app, actor, &ready).await?,
    };
    Ok(Taken {
        number: ready.whole.number(),
        version: ready.version.version,
        credential_id: ready.version.credential_id,
        made_at,
        credential,
        printed: ready.printed,
        achievement: ready.achievement,
    })
}

async fn sign(app: &App, actor: Actor, ready: &Ready) -> Result<(Instant, String)> {
    let signer = keys::signer(app).await?;
    let (event, registration, version) = (ready.event.clone(), ready.registration.clone(), ready.version.id.clone());
    let (badge, list) = app
        .write(actor.clone(), move |tx| {
            let badge = make(tx, &event, &registration, &version)?;
            let list = list_number(tx.db, &badge.list_id)?;
            Ok((badge, list))
        })
        .await?;
    let payload = credential::payload(&Facts {
        base_url: &app.site.config.base_url,
        serial: &ready.whole.certificate.serial,
        credential_id: &ready.version.credential_id,
        issued_at: ready.version.issued_at,
        printed: &ready.printed,
        achievement: &ready.achievement,
        badge: &badge,
        list,
        email: &ready.email,
    })?;
    let (key, signed) =
        tokio::task::spawn_blocking(move || signer.sign(&payload).map(|signed| (signer.id, signed))).await.map_err(Error::internal)??;
    let (event, version) = (ready.event.clone(), ready.version.id.clone());
    let kept = app.write(actor, move |tx| keep(tx, &event, &version, &key, &signed)).await?;
    let kept = kept.ok_or_else(|| Error::internal("an Open Badge was signed and not kept"))?;
    Ok((badge.made_at, kept))
}

/// The picture of an Open Badge with the credential inside.
pub async fn baked(app: &App, taken: Taken) -> Result<Vec<u8>> {
    let words = Wording::earned(&taken.achievement, &taken.printed);
    let folder = app.site.config.fonts.clone();
    let work = move || baking::bake(&picture::png(&folder, &words)?, &taken.credential);
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
