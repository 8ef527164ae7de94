//! Uploads in parts as tus 1.0 words them: a file is announced, its parts come, and where it stands can be asked.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};
use crate::uploads::Upload;
use crate::uploads::rules::Purpose;

const VERSION: &str = "1.0.0";

/// What a request announces.
pub struct Announced {
    pub name: String,
    pub size: u64,
    pub purpose: Option<Purpose>,
}

/// Reads `Upload-Length` and `Upload-Metadata` (`filename`, `purpose`; base64).
pub fn announced(request: &HttpRequest) -> Result<Announced> {
    let size = number(request, "upload-length")?;
    let metadata = text(request, "upload-metadata").unwrap_or_default();
    let of = |wanted: &str| {
        let value = metadata.split(',').find_map(|pair| pair.trim().split_once(' ').filter(|(name, _)| *name == wanted))?.1;
        String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()
    };
    let purpose = of("purpose").and_then(|word| Purpose::from_word(&word));
    Ok(Announced { name: of("filename").unwrap_or_default(), size, purpose })
}

/// Where the bytes of a request begin in the file.
pub fn offset(request: &HttpRequest) -> Result<u64> {
    number(request, "upload-offset")
}

fn number(request: &HttpRequest, name: &str) -> Result<u64> {
    let wrong = || Error::invalid(name, "malformed", format!("{name} must be a whole number."));
    text(request, name).and_then(|text| text.trim().parse().ok()).ok_or_else(wrong)
}

fn text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// Tells where an upload stands.
pub fn standing(status: StatusCode, upload: &Upload) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(("tus-resumable", VERSION))
        .insert_header(("upload-offset", upload.received_bytes.to_string()))
        .insert_header(("upload-length", upload.size_bytes.to_string()))
        .insert_header((CACHE_CONTROL, "no-store"));
    response
}
