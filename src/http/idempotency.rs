//! `Idempotency-Key`: a repeated write of the API is answered as the first was, and done once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::asker::asker_of;
use crate::answers;
use crate::app::{Actor, App, Tx};
use crate::error::{Error, Result};
use crate::ids::hex;

/// The header.
pub const HEADER: &str = "idempotency-key";

/// The longest key, in characters.
const LONGEST: usize = 200;

/// One write of the API: `work` gives the status and the JSON of its answer. With an `Idempotency-Key` the
/// answer is kept in the same transaction; the same key, caller, address and body get it again, another
/// body is 422 `idempotency_mismatch`. Without one this is `app.write`.
pub async fn write<T, F>(app: &App, request: &HttpRequest, body: &[u8], actor: Actor, work: F) -> Result<HttpResponse>
where
    T: Serialize,
    F: FnOnce(&mut Tx<'_>) -> Result<(u16, T)> + Send + 'static,
{
    let answered = move |tx: &mut Tx<'_>| {
        let (status, answer) = work(tx)?;
        Ok((status, serde_json::to_string(&answer).map_err(Error::internal)?))
    };
    let (status, answer) = match key_of(request)? {
        None => app.write(actor, answered).await?,
        Some(key) => {
            // Callers without a name are told apart by their network address.
            let caller = if actor == Actor::Public { asker_of(request).await?.address } else { actor.label() };
            let id = hash(&[key.as_str(), &caller, request.method().as_str(), request.path()]);
            let body_hash = hex(&Sha256::digest(body));
            app.write(actor, move |tx| answers::once(tx, &id, &body_hash, answered)).await?
        }
    };
    let status = StatusCode::from_u16(status).map_err(Error::internal)?;
    let mut response = HttpResponse::build(status);
    response.insert_header(("cache-control", "no-store"));
    // Nothing is written as null, and a 204 has no body.
    if status == StatusCode::NO_CONTENT || answer == "null" {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/json").body(answer))
}

/// Whether the request carries a key.
pub fn has_key(request: &HttpRequest) -> bool {
    request.headers().contains_key(HEADER)
}

fn key_of(request: &HttpRequest) -> Result<Option<String>> {
    let Some(value) = request.headers().get(HEADER) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > LONGEST {
        return Err(Error::invalid("Idempotency-Key", "malformed", format!("An Idempotency-Key has 1 to {LONGEST} ASCII characters.")));
    }
    Ok(Some(key.to_owned()))
}

/// One hash over parts, each with its length before it so that no two lists of parts collide.
fn hash(parts: &[&str]) -> String {
    let mut sum = Sha256::new();
    for part in parts {
        sum.update((part.len() as u64).to_be_bytes());
        sum.update(part.as_bytes());
    }
    hex(&sum.finalize())
}
