//! Public pages of an event: made once per change for everybody who is not signed in, and kept as finished bytes.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, ETAG, IF_NONE_MATCH, VARY};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use chrono::Duration;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::asker::{ATTENDEE_COOKIE, Asker, STAFF_COOKIE, app_of, asker_of};
use super::pages::{FLASH_COOKIE, Page};
use crate::app::App;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::{self, Event};
use crate::ids::{EventId, hex};
use crate::people::Person;
use crate::staff::Permission;

/// How old a kept page may be. Changes made by this process are seen at once, those of another node within this time.
const OLDEST: Duration = Duration::seconds(2);

/// How much a shelf keeps, in pages and in bytes; when it is full it starts over.
const MOST_PAGES: usize = 256;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Longer addresses are answered, but not kept.
const LONGEST_KEY: usize = 300;

/// The shelf of kept pages.
#[derive(Default)]
pub struct Rendered(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    slots: HashMap<String, Slot>,
    bytes: usize,
}

/// One page's place; whoever finds it stale makes the page while the others wait for it.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

#[derive(Clone)]
struct Kept {
    event: EventId,
    version: u64,
    made_at: Instant,
    tag: String,
    plain: Bytes,
    packed: Bytes,
}

impl Kept {
    fn is_fresh(&self, app: &App) -> bool {
        let age = app.now().since(self.made_at);
        age >= Duration::zero() && age <= OLDEST && app.version_of(&self.event) == self.version
    }

    fn bytes(&self) -> usize {
        self.plain.len() + self.packed.len()
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = header(IF_NONE_MATCH).split(',').any(|tag| tag.trim() == self.tag);
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, self.tag.as_str()));
        response.insert_header((CACHE_CONTROL, "no-cache")).insert_header((VARY, "Cookie, Accept-Encoding"));
        if known {
            return response.finish();
        }
        response.content_type("text/html; charset=utf-8");
        if header(ACCEPT_ENCODING).contains("gzip") {
            return response.insert_header((CONTENT_ENCODING, "gzip")).body(self.packed.clone());
        }
        response.body(self.plain.clone())
    }
}

impl Rendered {
    fn slot(&self, key: &str) -> Slot {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = shelf.slots.get(key) {
            return slot.clone();
        }
        if shelf.slots.len() >= MOST_PAGES {
            *shelf = Shelf::default();
        }
        shelf.slots.entry(key.to_owned()).or_default().clone()
    }

    /// Counts what a page takes instead of the one before it.
    fn count(&self, before: usize, after: usize) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.bytes = (shelf.bytes + after).saturating_sub(before);
        if shelf.bytes > MOST_BYTES {
            *shelf = Shelf::default();
        }
    }

    /// How many pages are kept.
    pub fn pages(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).slots.len()
    }
}

/// Whether a request carries nothing by which somebody could be known or told something.
fn is_anybodys(request: &HttpRequest) -> bool {
    !request.headers().contains_key("authorization")
        && [ATTENDEE_COOKIE, STAFF_COOKIE, FLASH_COOKIE].iter().all(|name| request.cookie(name).is_none())
}

/// A public page of the event in the address: `build` gives the template's view for the person who is
/// signed in, or for everybody. `query` is what of the address, beside its path, changes the page.
/// An event that is not published is seen by its staff only.
pub async fn public_page<V, F>(request: &HttpRequest, template: &'static str, query: &str, build: F) -> Result<HttpResponse>
where
    V: Serialize + Send + 'static,
    F: FnOnce(&mut Db, &Event, Instant, Option<&Person>) -> Result<V> + Send + 'static,
{
    let app = app_of(request)?;
    let slug = request.match_info().get("event").ok_or(Error::NotFound)?.to_owned();
    if !is_anybodys(request) {
        return personal_page(request, &app, template, slug, build).await;
    }
    let rendered = request.app_data::<Data<Rendered>>().ok_or_else(|| Error::internal("no shelf"))?;
    let key = format!("{template} {}?{query}", request.path());
    if key.len() > LONGEST_KEY {
        return Ok(make(&app, template, slug, build).await?.answer(request));
    }
    let slot = rendered.slot(&key);
    let mut place = slot.lock().await;
    if let Some(kept) = place.as_ref().filter(|kept| kept.is_fresh(&app)) {
        return Ok(kept.answer(request));
    }
    let kept = make(&app, template, slug, build).await?;
    rendered.count(place.as_ref().map_or(0, Kept::bytes), kept.bytes());
    let answer = kept.answer(request);
    *place = Some(kept);
    Ok(answer)
}

async fn make<V, F>(app: &App, template: &'static str, slug: String, build: F) -> Result<Kept>
where
    V: Serialize + Send + 'static,
    F: FnOnce(&mut Db, &Event, Instant, Option<&Person>) -> Result<V> + Send + 'static,
{
    let versions = app.clone();
    let now = app.now();
    let (event, version, view) = app
        .read(move |db| {
            let event = events::get_published(db, &slug)?;
            // The version first: a change while we read makes the page stale, never the other way round.
            let version = versions.version_of(&event.id);
            let view = build(db, &event, now, None)?;
            Ok((event, version, view))
        })
        .await?;
    let html = Page::new(app, &Asker::everybody(), template).event(&event).html(&view)?;
    let tag = format!("W/\"{}\"", &hex(&Sha256::digest(html.as_bytes()))[..20]);
    let packed = Bytes::from(packed(html.as_bytes())?);
    Ok(Kept { event: event.id, version, made_at: now, tag, plain: Bytes::from(html), packed })
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).map_err(Error::internal)?;
    packer.finish().map_err(Error::internal)
}

async fn personal_page<V, F>(request: &HttpRequest, app: &App, template: &'static str, slug: String, build: F) -> Result<HttpResponse>
where
    V: Serialize + Send + 'static,
    F: FnOnce(&mut Db, &Event, Instant, Option<&Person>) -> Result<V> + Send + 'static,
{
    let asker = asker_of(request).await?;
    let now = app.now();
    let (person, staff) = (asker.attendee.clone(), asker.staff.clone());
    let (event, view) = app
        .read(move |db| {
            let event = events::get(db, &slug)?;
            let is_staff = staff.is_some_and(|staff| staff.may(Permission::EnterBackOffice, &event.id));
            if !event.published && !is_staff {
                return Err(Error::NotFound);
            }
            let view = build(db, &event, now, person.as_ref())?;
            Ok((event, view))
        })
        .await?;
    let mut response = Page::new(app, &asker, template).event(&event).render(&view)?;
    response.headers_mut().insert(VARY, actix_web::http::header::HeaderValue::from_static("Cookie"));
    Ok(response)
}
