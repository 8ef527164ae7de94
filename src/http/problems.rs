//! How errors leave the service: problem documents for programs (RFC 9457), pages for people, logged once here.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde_json::json;

use super::asker::{app_of, asker_of, request_id};
use super::pages::Page;
use crate::error::{Door, Error};

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// An empty answer with the status; [`render_errors`] gives it its body, since only there is the request known.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

/// Gives every failed answer its body: a problem document under `/api`, a page elsewhere.
pub async fn render_errors<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    // The request must not be copied before it is routed: routing writes into it.
    let response = next.call(request).await?.map_into_boxed_body();
    let http_request = response.request().clone();
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || response.headers().contains_key(CONTENT_TYPE) {
        return Ok(response);
    }
    let from_response = response.response().error().and_then(|error| error.as_error::<Error>()).map(Facts::of);
    let facts = from_response.unwrap_or_else(|| Facts::of_status(status));
    log(&http_request, &facts);
    let rendered = if is_api(&http_request) { problem(&http_request, &facts) } else { page(&http_request, &facts).await };
    Ok(ServiceResponse::new(http_request, rendered))
}

/// What is known of a failure, apart from the error itself.
pub struct Facts {
    pub status: u16,
    pub code: &'static str,
    pub detail: String,
    retry_after: Option<u64>,
    door: Option<Door>,
    errors: serde_json::Value,
    cause: Option<String>,
}

impl Facts {
    pub fn of(error: &Error) -> Self {
        let errors = match error {
            Error::Invalid(fields) => {
                fields.iter().map(|field| json!({ "field": field.field, "code": field.code, "detail": field.detail })).collect()
            }
            _ => Vec::new(),
        };
        Self {
            status: error.status(),
            code: error.code(),
            detail: error.to_string(),
            retry_after: match error {
                Error::TooMany { retry_after_seconds } => Some(*retry_after_seconds),
                Error::Busy => Some(1),
                _ => None,
            },
            door: if let Error::SignInFirst(door) = error { Some(*door) } else { None },
            errors: serde_json::Value::Array(errors),
            cause: if let Error::Internal(cause) = error { Some(cause.clone()) } else { None },
        }
    }

    /// For answers that the framework made: an unknown address, a wrong method, a malformed body.
    fn of_status(status: StatusCode) -> Self {
        let error = match status.as_u16() {
            404 => Error::NotFound,
            413 => Error::TooLarge,
            503 => Error::Busy,
            500.. => Error::internal("the framework failed"),
            _ => Error::NotFound,
        };
        let mut facts = Self::of(&error);
        match status.as_u16() {
            405 => (facts.code, facts.detail) = ("method_not_allowed", "This address does not take such a request.".to_owned()),
            400 => (facts.code, facts.detail) = ("malformed", "This request could not be read.".to_owned()),
            _ => {}
        }
        facts.status = status.as_u16();
        facts
    }

    fn title(&self) -> &'static str {
        match self.status {
            401 => "Sign in first",
            403 => "Not allowed",
            404 => "Not found",
            405 => "Not possible here",
            409 => "Refused",
            413 => "Too large",
            422 => "Something to correct",
            429 => "Too many tries",
            503 => "Busy",
            400 => "Not readable",
            _ => "Something went wrong",
        }
    }
}

/// Programs, and scripts of our pages that say so.
fn is_api(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
    request.path().starts_with("/api/") || accepted.is_some_and(|accepted| accepted.contains("application/problem+json"))
}

fn log(request: &HttpRequest, facts: &Facts) {
    let pattern = request.match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    if let Some(cause) = &facts.cause {
        tracing::error!(request = request_id(request), route = pattern, status = facts.status, cause, "a request failed");
    } else {
        tracing::debug!(request = request_id(request), route = pattern, status = facts.status, code = facts.code, "a request was refused");
    }
}

fn problem(request: &HttpRequest, facts: &Facts) -> HttpResponse {
    let mut document = json!({
        "type": format!("urn:lanyard:problem:{}", facts.code),
        "title": facts.title(), "status": facts.status, "detail": facts.detail, "code": facts.code,
        "instance": format!("urn:lanyard:request:{}", request_id(request)),
    });
    if facts.status == 422 {
        document["errors"] = facts.errors.clone();
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(facts.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    response.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(seconds) = facts.retry_after {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    if facts.status == 401 {
        response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lanyard\"")));
    }
    response.content_type("application/problem+json").body(document.to_string())
}

/// The page of an error; whoever is not signed in is sent to the right door, and back afterwards.
async fn page(request: &HttpRequest, facts: &Facts) -> HttpResponse {
    if let Some(door) = facts.door
        && request.method() == actix_web::http::Method::GET
    {
        let back: String = url::form_urlencoded::byte_serialize(request.uri().to_string().as_bytes()).collect();
        let to = match door {
            Door::Attendee => format!("/sign-in?next={back}"),
            Door::Staff => format!("/staff/sign-in?next={back}"),
            Door::Device => "/pair".to_owned(),
        };
        return HttpResponse::SeeOther().insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store")).finish();
    }
    let rendered = match (app_of(request), asker_of(request).await) {
        (Ok(app), Ok(asker)) => {
            let view = json!({ "title": facts.title(), "detail": facts.detail, "status": facts.status });
            Page::new(&app, &asker, "error").status(facts.status).render(&view)
        }
        (_, Err(cause)) | (Err(cause), _) => Err(cause),
    };
    let mut response = rendered.unwrap_or_else(|_| {
        HttpResponse::build(StatusCode::from_u16(facts.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
            .content_type("text/plain; charset=utf-8")
            .body(format!("{}\n{}\nRequest {}", facts.title(), facts.detail, request_id(request)))
    });
    if let Some(seconds) = facts.retry_after
        && let Ok(value) = HeaderValue::from_str(&seconds.to_string())
    {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}
