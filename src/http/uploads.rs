//! Uploaded files: forms sent as multipart/form-data, limited in size, taken only with this browser's token.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::asker::{app_of, asker_of};
use super::gate::Gate;
use crate::error::{Error, Result};

/// A form with a file, of at most so many megabytes altogether.
pub struct PostedFile<const MEGABYTES: usize> {
    /// The file's bytes; empty when none was chosen.
    pub bytes: Vec<u8>,
    /// The other fields by name.
    pub fields: BTreeMap<String, String>,
}

impl<const MEGABYTES: usize> FromRequest for PostedFile<MEGABYTES> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            // A large body is not even read for somebody who may not send it.
            Gate::pass(&request).await;
            let mut body = Vec::new();
            while let Some(chunk) = payload.next().await {
                let chunk = chunk.map_err(|_| Error::invalid("form", "malformed", "The upload was cut off. Send it again."))?;
                if body.len() + chunk.len() > MEGABYTES * 1024 * 1024 {
                    return Err(Error::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let form: Self = boundary(kind)
                .and_then(|boundary| read(&body, boundary))
                // What is no whole form carries no token either.
                .ok_or(Error::StaleForm)?;
            let token = form.fields.get("csrf").map(String::as_str).unwrap_or_default();
            asker_of(&request).await?.check_form_token(&app_of(&request)?, token)?;
            Ok(form)
        })
    }
}

/// The boundary that a content type of multipart/form-data names.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!boundary.is_empty() && boundary.len() <= 70).then_some(boundary)
}

/// Takes a body apart (RFC 7578); `None` when it is not whole.
fn read<const MEGABYTES: usize>(body: &[u8], boundary: &str) -> Option<PostedFile<MEGABYTES>> {
    let mut form = PostedFile { bytes: Vec::new(), fields: BTreeMap::new() };
    let divider = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body.strip_prefix(&divider[2..])?;
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, &divider)?;
        let (part, after) = (&rest[..end], &rest[end + divider.len()..]);
        let head_end = find(part, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&part[..head_end]);
        let content = &part[head_end + 4..];
        if parameter(&head, "filename").is_some() {
            form.bytes = content.to_vec();
        } else if let Some(name) = parameter(&head, "name") {
            form.fields.insert(name.to_owned(), String::from_utf8_lossy(content).into_owned());
        }
        rest = after;
    }
    Some(form)
}

/// A quoted parameter of a part's Content-Disposition.
pub(super) fn parameter<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    line.split(';').skip(1).find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).map(|value| value.trim_matches('"'))
}

pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--x9\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x9\r\n\
        Content-Disposition: form-data; name=\"list\"; filename=\"a;b.csv\"\r\nContent-Type: text/csv\r\n\r\nccn,name\r\n--x,1\r\n\r\n--x9--\r\n";

    #[test]
    fn a_form_with_a_file_is_taken_apart() {
        let form: PostedFile<1> = read(BODY.as_bytes(), "x9").unwrap();
        assert_eq!(form.fields.get("csrf").map(String::as_str), Some("abc"));
        assert_eq!(form.bytes, b"ccn,name\r\n--x,1\r\n");
    }

    #[test]
    fn a_form_that_was_cut_off_is_no_form() {
        for end in 0..BODY.len() - 4 {
            assert!(read::<1>(&BODY.as_bytes()[..end], "x9").is_none(), "{end}");
        }
    }

    #[test]
    fn the_boundary_is_read_with_and_without_quotation_marks() {
        assert_eq!(boundary("multipart/form-data; boundary=----Web1"), Some("----Web1"));
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }
}
