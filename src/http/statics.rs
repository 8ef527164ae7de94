//! Style sheets and scripts from the binary.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::ids::hex;

/// The service worker of the doors.
const DOOR_WORKER: &str = "door-worker.js";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The reader of QR codes for browsers without one, where `npm ci` was run before the build; without it frames
/// go to the server.
#[cfg(decoder)]
const DECODER: &[(&str, &[u8])] = &[
    ("es/reader/index.js", include_bytes!("../../node_modules/zxing-wasm/dist/es/reader/index.js")),
    ("es/share.js", include_bytes!("../../node_modules/zxing-wasm/dist/es/share.js")),
    ("reader/zxing_reader.wasm", include_bytes!("../../node_modules/zxing-wasm/dist/reader/zxing_reader.wasm")),
];
#[cfg(not(decoder))]
const DECODER: &[(&str, &[u8])] = &[];

/// Whether the binary has the decoder.
pub fn has_decoder() -> bool {
    !DECODER.is_empty()
}

/// `GET /static/decoder/{file}`
pub async fn decoder(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse> {
    let (name, bytes) = DECODER.iter().find(|(name, _)| *name == file.as_str()).ok_or(Error::NotFound)?;
    Ok(answer(&request, name, Cow::Borrowed(*bytes), &Sha256::digest(bytes)))
}

/// `GET /static/{file}`
pub async fn show(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse> {
    let found = Files::get(&file).ok_or(Error::NotFound)?;
    Ok(answer(&request, &file, found.data, &found.metadata.sha256_hash()))
}

/// A file, cached for a day, revalidated by its content's hash.
fn answer(request: &HttpRequest, file: &str, data: Cow<'static, [u8]>, sum: &[u8]) -> HttpResponse {
    let tag = format!("\"{}\"", &hex(sum)[..16]);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "public, max-age=86400")).insert_header((ETAG, tag));
    if file == DOOR_WORKER {
        // It stands among the static files and keeps the doors' pages; a new one is taken at once.
        response.insert_header(("service-worker-allowed", "/")).insert_header((CACHE_CONTROL, "no-cache"));
    }
    if known {
        return response.finish();
    }
    let kind = mime_guess::from_path(file).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    response.content_type(kind).body(data.into_owned())
}
