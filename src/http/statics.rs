//! Style sheets and scripts from the binary.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use crate::error::{Error, Result};
use crate::ids::hex;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// `GET /static/{file}`: cached for a day, revalidated by its content's hash.
pub async fn show(request: HttpRequest, file: web::Path<String>) -> Result<HttpResponse> {
    let found = Files::get(&file).ok_or(Error::NotFound)?;
    let tag = format!("\"{}\"", &hex(&found.metadata.sha256_hash())[..16]);
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|given| given.as_bytes() == tag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, "public, max-age=86400")).insert_header((ETAG, tag));
    if known {
        return Ok(response.finish());
    }
    let kind = mime_guess::from_path(file.as_str()).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    Ok(response.content_type(kind).body(found.data.into_owned()))
}
