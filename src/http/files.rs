//! Giving out stored files: pieces of them, by their ranges, from the storage's folder; by a link where they lie in a bucket.

use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderName, IF_NONE_MATCH, IF_RANGE,
    LOCATION, RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::stream;

use crate::app::App;
use crate::error::Result;
use crate::storage::{Pieces, Shown};
use crate::uploads::Upload;
use crate::uploads::rules::ranges::{Asked, asked, is_known};
use crate::uploads::rules::{disposition, name_with_ending};

/// Answers with a stored file, or the part of it that is asked for. `inline` lets browsers show it where nothing in it
/// can run; everything else is saved. Whether the asker may have it was decided before. A bucket's link works for `lasts`.
pub async fn give(app: &App, request: &HttpRequest, upload: &Upload, inline: bool, lasts: Duration) -> Result<HttpResponse> {
    let kind = upload.kind();
    let named = disposition(inline && kind.is_shown_inline(), &name_with_ending(kind, &upload.original_name));
    let (key, size, tag) = (upload.key()?, upload.size(), upload.tag());
    let shown = Shown { media_type: kind.as_str(), disposition: &named };
    if let Some(link) = app.storage.link(&key, &shown, lasts).await? {
        return Ok(HttpResponse::Found().insert_header((LOCATION, link)).insert_header((CACHE_CONTROL, "no-store")).finish());
    }
    if is_known(header(request, IF_NONE_MATCH), &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, KEPT)).finish());
    }
    let part = asked(header(request, RANGE), header(request, IF_RANGE), &tag, size);
    let (mut response, range) = match part {
        Asked::Unsatisfiable => {
            return Ok(HttpResponse::RangeNotSatisfiable()
                .insert_header((CONTENT_RANGE, format!("bytes */{size}")))
                .content_type("text/plain; charset=utf-8")
                .body("There is nothing in this range."));
        }
        Asked::Part(part) => {
            let mut response = HttpResponse::build(StatusCode::PARTIAL_CONTENT);
            response.insert_header((CONTENT_RANGE, format!("bytes {}-{}/{size}", part.start, part.end - 1)));
            (response, part)
        }
        Asked::Whole => (HttpResponse::Ok(), 0..size),
    };
    headers(&mut response, kind.as_str(), &named, &tag);
    let length = range.end - range.start;
    let pieces: Pieces = if request.method() == Method::HEAD { Box::pin(stream::empty()) } else { app.storage.read(&key, range).await? };
    Ok(response.body(SizedStream::new(length, pieces)))
}

/// Kept by the reader's browser alone, and asked about before it is shown again.
const KEPT: &str = "private, no-cache";

fn headers(response: &mut HttpResponseBuilder, kind: &str, named: &str, tag: &str) {
    response
        .content_type(kind.to_owned())
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CACHE_CONTROL, KEPT))
        // Ranges count bytes as they are stored, so nothing may be packed on the way.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header((CONTENT_DISPOSITION, named.to_owned()))
        .insert_header((ETAG, tag.to_owned()));
}

fn header(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}
