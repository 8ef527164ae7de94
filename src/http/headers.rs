//! Headers on every answer: content policy, no sniffing, no framing, no referrers, the request's id.

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::asker::{app_of, request_id};

/// The content policy of every answer that brings none of its own.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     media-src 'self' blob:; font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Adds the headers; where an answer brought its own, that one stays.
pub async fn add_headers<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, actix_web::Error> {
    let id = request_id(request.request());
    let secure = app_of(request.request()).is_ok_and(|app| app.site.config.base_url.starts_with("https://"));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ] {
        keep_or_insert(headers, name, HeaderValue::from_static(value));
    }
    if secure {
        keep_or_insert(headers, "strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        keep_or_insert(headers, "x-request-id", value);
    }
    Ok(response)
}

/// Gives an answer a content policy of its own.
pub fn replace_policy(response: &mut HttpResponse, policy: &str) {
    if let Ok(value) = HeaderValue::from_str(policy) {
        response.headers_mut().insert(HeaderName::from_static("content-security-policy"), value);
    }
}

/// Lets a page play media that a store gives out itself, from its origin alone.
pub fn allow_media_from(response: &mut HttpResponse, origin: Option<&str>) {
    if let Some(origin) = origin {
        replace_policy(response, &POLICY.replace("media-src 'self'", &format!("media-src 'self' {origin}")));
    }
}

/// Lets pages of ours show this answer in a frame.
pub fn allow_own_frame(response: &mut HttpResponse) {
    response.headers_mut().insert(HeaderName::from_static("x-frame-options"), HeaderValue::from_static("SAMEORIGIN"));
}

fn keep_or_insert(headers: &mut HeaderMap, name: &'static str, value: HeaderValue) {
    let name = HeaderName::from_static(name);
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}
