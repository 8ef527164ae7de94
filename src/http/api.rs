//! What the JSON doors share: bodies, lists, who may see which registration.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::asker::{Asker, app_of, asker_of};
use super::gate::Gate;
use crate::error::{Error, Result};

/// The header in which scripts of our pages send the form token.
pub const TOKEN_HEADER: &str = "x-csrf-token";

/// A JSON body; unknown fields are refused when `T` says so. A request that is known by its cookies
/// must carry this browser's form token, one with a bearer token or none need not.
pub struct JsonBody<T> {
    pub value: T,
    /// The bytes as sent, for `Idempotency-Key`.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Bytes::from_request(&request, payload);
        Box::pin(async move {
            let read = read(&request, body).await;
            if read.is_err() {
                Gate::pass(&request).await;
            }
            read
        })
    }
}

async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    body: impl Future<Output = Result<Bytes, actix_web::Error>>,
) -> Result<JsonBody<T>> {
    let bytes = body.await.map_err(|_| Error::TooLarge)?;
    check_cookie_writes(request).await?;
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Error::invalid("body", "not_json", "Send JSON with Content-Type: application/json."));
    }
    let value = read_json(&bytes)?;
    Ok(JsonBody { value, bytes })
}

/// `StaleForm` for a write known by its cookies alone, without the form token.
pub async fn check_cookie_writes(request: &HttpRequest) -> Result<()> {
    let asker = asker_of(request).await?;
    if asker.by_token || (asker.staff.is_none() && asker.attendee.is_none()) {
        return Ok(());
    }
    let token = request.headers().get(TOKEN_HEADER).and_then(|token| token.to_str().ok()).unwrap_or_default();
    asker.check_form_token(&app_of(request)?, token)
}

/// Reads JSON, naming the field that does not fit.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|cause| {
        let field = cause.path().to_string();
        let inner = cause.into_inner().to_string();
        let code = code_of(&inner);
        // The name of a missing or unknown field stands in the sentence, not in the path.
        let named = inner.split('`').nth(1).filter(|_| code != "malformed");
        let field = match (field.as_str(), named) {
            (".", Some(named)) => named.to_owned(),
            (path, Some(named)) if !path.ends_with(named) => format!("{path}.{named}"),
            (path, _) => path.to_owned(),
        };
        Error::invalid(&field, code, inner)
    })
}

/// The stable code of what serde said.
fn code_of(said: &str) -> &'static str {
    if said.starts_with("unknown field") {
        "unknown_field"
    } else if said.starts_with("missing field") {
        "required"
    } else {
        "malformed"
    }
}

/// What a query that cannot be read gets: the same 422 as a body, naming the parameter.
pub fn unreadable_query(cause: actix_web::error::QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let said = match cause {
        actix_web::error::QueryPayloadError::Deserialize(inner) => inner.to_string(),
        other => other.to_string(),
    };
    let field = said.split('`').nth(1).unwrap_or("query").to_owned();
    Error::invalid(&field, code_of(&said), said).into()
}

/// Who calls the API: staff by token or cookie, a signed-in attendee, or the public.
pub type Caller = Asker;

/// `?limit=&cursor=` of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Listing {
    /// How many items to give, 100 unless told.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

/// The most items a list gives at once.
pub const MOST_ITEMS: i64 = 500;

impl Listing {
    /// How many items to give: 100 unless told, at most [`MOST_ITEMS`].
    pub fn limit(&self) -> Result<usize> {
        match self.limit.unwrap_or(100) {
            limit @ 1..=MOST_ITEMS => usize::try_from(limit).map_err(Error::internal),
            _ => Err(Error::invalid("limit", "out_of_range", format!("limit is between 1 and {MOST_ITEMS}."))),
        }
    }

    /// Cuts a page out of sorted items: those after the cursor, and the next cursor. `key` gives each item's cursor.
    pub fn page<T: Serialize>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Result<List<T>> {
        let limit = self.limit()?;
        let start = match &self.cursor {
            Some(cursor) => {
                let at = items.iter().position(|item| &key(item) == cursor);
                at.map(|index| index + 1).ok_or_else(|| Error::invalid("cursor", "unknown", "This cursor is not of this list."))?
            }
            None => 0,
        };
        let more = items.len() > start + limit;
        let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
        let next = if more { items.last().map(key) } else { None };
        Ok(List { items, next })
    }
}

/// A list as the API gives it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct List<T> {
    pub items: Vec<T>,
    /// The cursor of the next page, or null at the end.
    pub next: Option<String>,
}

/// A JSON answer.
pub struct Answer;

impl Answer {
    pub fn ok(body: &impl Serialize) -> Result<HttpResponse> {
        Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
    }

    pub fn created(body: &impl Serialize) -> Result<HttpResponse> {
        Ok(HttpResponse::Created().insert_header(("cache-control", "no-store")).json(body))
    }
}
