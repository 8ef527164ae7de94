//! What strangers verify Open Badges with: the key set, the issuer's profile, achievements and status lists. Public, for
//! any origin, since wallets and verifiers ask from their own pages.

use actix_web::http::header::{ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::achievements::{self, Achievement, issuer};
use super::picture::{self, Wording};
use super::{credential, keys, status};
use crate::app::App;
use crate::credits::providers;
use crate::credits::rules::Code;
use crate::error::{Error, Result};
use crate::events;
use crate::events::rules::dates_words;
use crate::http::Page;
use crate::http::asker::Asker;
use crate::ids::SigningKeyId;

/// So long copies may be kept, in seconds.
const KEEPS_SECONDS: u32 = 300;

fn answer(kind: &str, body: impl Into<Vec<u8>>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.content_type(kind).insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    response.insert_header((CACHE_CONTROL, format!("public, max-age={KEEPS_SECONDS}")));
    response.body(body.into())
}

fn document(body: &Value) -> HttpResponse {
    answer("application/json", body.to_string())
}

/// A document with the contexts that tell what its words mean.
fn linked(mut body: Value) -> HttpResponse {
    body["@context"] = json!(credential::CONTEXTS);
    document(&body)
}

fn take_one(app: &App, asker: &Asker) -> Result<()> {
    if asker.staff.is_none() { app.limits.public.take_address(&asker.address) } else { Ok(()) }
}

/// `GET /open-badges/keys`: every key that ever signed and was not withdrawn.
pub async fn keys(app: web::Data<App>, asker: Asker) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let all = app.read(keys::published).await?;
    let set: Vec<Value> = all.iter().map(|key| key.jwk(&app.site.config.base_url)).collect();
    Ok(document(&json!({ "keys": set })))
}

/// `GET /open-badges/keys/{key}`: one key, at the address that signatures name.
pub async fn key(app: web::Data<App>, asker: Asker, path: web::Path<String>) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let id = SigningKeyId::from(path.into_inner());
    let key = app.read(move |db| keys::find(db, &id)).await?.ok_or(Error::NotFound)?;
    Ok(answer("application/jwk+json", key.jwk(&app.site.config.base_url).to_string()))
}

/// `GET /open-badges/issuers/{event}`: the provider of record.
pub async fn profile(app: web::Data<App>, asker: Asker, path: web::Path<String>) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let slug = path.into_inner();
    let (event, provider) = app
        .read(move |db| {
            let event = events::get_published(db, &slug)?;
            let provider = providers::find(db, &event.id)?.ok_or(Error::NotFound)?;
            Ok((event, provider))
        })
        .await?;
    Ok(linked(issuer(&app.site.config.base_url, &event, &provider)))
}

async fn achievement_at(app: &App, (of, code): (String, String)) -> Result<Achievement> {
    let code = Code::from_word(&code).ok_or(Error::NotFound)?;
    app.read(move |db| achievements::find(db, &of, code)).await?.ok_or(Error::NotFound)
}

fn wants_a_page(request: &HttpRequest) -> bool {
    let accepts = request.headers().get(ACCEPT).and_then(|accepts| accepts.to_str().ok()).unwrap_or_default();
    accepts.split(',').next().is_some_and(|first| first.trim().starts_with("text/html"))
}

/// `GET /open-badges/achievements/{of}/{credit_type}`: JSON, or a page for who comes with a browser.
pub async fn achievement(
    app: web::Data<App>,
    asker: Asker,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let achievement = achievement_at(&app, path.into_inner()).await?;
    let base_url = &app.site.config.base_url;
    let mut response = if wants_a_page(&request) { page(&app, &asker, &achievement)? } else { linked(achievement.json(base_url)) };
    response.headers_mut().insert(VARY, actix_web::http::header::HeaderValue::from_static("accept"));
    Ok(response)
}

fn page(app: &App, asker: &Asker, achievement: &Achievement) -> Result<HttpResponse> {
    let event = &achievement.event;
    let statements: Vec<Value> = achievement.aligned().map(|(code, words)| json!({ "code": code, "words": words })).collect();
    let view = json!({
        "title": achievement.title, "kind": achievement.kind(), "description": achievement.description(),
        "narrative": achievement.narrative(), "statements": statements, "framework": achievement.measure.version.framework,
        "measure": achievement.measure.version.address, "provider": achievement.provider.name, "event": event.name,
        "event_href": format!("/events/{}", event.slug), "dates": dates_words(event.starts_on, event.ends_on),
        "picture": format!("/open-badges/achievements/{}/{}/picture.png", achievement.of, achievement.code),
    });
    Page::new(app, asker, "credits/open_badges/achievement").event(event).render(&view)
}

/// `GET /open-badges/achievements/{of}/{credit_type}/picture.png`
pub async fn picture(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let words = Wording::of(&achievement_at(&app, path.into_inner()).await?);
    let folder = app.site.config.fonts.clone();
    let png = tokio::task::spawn_blocking(move || picture::png(&folder, &words)).await.map_err(Error::internal)??;
    Ok(answer("image/png", png))
}

/// `GET /open-badges/status/{event}/{list}`: which Open Badges were revoked, as a signed credential. Made at most once a
/// second, however many ask.
pub async fn status(app: web::Data<App>, asker: Asker, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    take_one(&app, &asker)?;
    let (slug, number) = path.into_inner();
    let number: i32 = number.parse().map_err(|_| Error::NotFound)?;
    let (event, list) = app
        .read(move |db| {
            let event = events::get_published(db, &slug)?;
            let list = status::find(db, &event.id, number)?.ok_or(Error::NotFound)?;
            Ok((event, list))
        })
        .await?;
    let key = format!("open-badges status {}", list.id);
    let making = async {
        let (own, of) = (app.site.config.base_url.clone(), list.clone());
        let payload = app
            .read(move |db| {
                let set = status::set_places(db, &of)?;
                status::payload(&own, &event, &of, &set)
            })
            .await?;
        let signer = keys::signer(&app).await?;
        tokio::task::spawn_blocking(move || signer.sign(&payload)).await.map_err(Error::internal)?
    };
    let signed = app.snapshots.get(&key, app.now(), making).await?;
    Ok(answer("application/vc+jwt", signed.as_bytes()))
}
