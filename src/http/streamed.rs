//! Posted forms with a large file: the fields are read, the file is handed on as it comes and never whole in memory.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::{Stream, StreamExt, stream};

use super::asker::{app_of, asker_of};
use super::gate::Gate;
use super::uploads::{boundary, find, parameter};
use crate::error::{Error, Result};

/// The fields before the file have at most so many bytes altogether.
const FIELDS: usize = 64 * 1024;

/// A form whose last field is a file; taken only with this browser's token, which comes before it.
pub struct StreamedForm {
    pub fields: BTreeMap<String, String>,
    /// The file's name as the browser gave it; none where no file was chosen.
    pub file_name: Option<String>,
    rest: Rest,
}

impl StreamedForm {
    /// The bytes of the file, as they come. An error means that it was cut off.
    pub fn file(self) -> Pin<Box<dyn Stream<Item = Result<Bytes>>>> {
        Box::pin(stream::try_unfold(self.rest, |mut rest| async move { Ok(rest.piece().await?.map(|piece| (piece, rest))) }))
    }

    /// A field, blank where it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl FromRequest for StreamedForm {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            // A large body is not even read for somebody who may not send it.
            Gate::pass(&request).await;
            let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let boundary = boundary(kind).ok_or(Error::StaleForm)?;
            let mut rest = Rest::new(payload, boundary);
            let (mut fields, mut file_name) = (BTreeMap::new(), None);
            while let Some(part) = rest.next_part().await? {
                match part {
                    Part::Field(name, value) => drop(fields.insert(name, value)),
                    // An empty name is how browsers say that nothing was chosen.
                    Part::File(name) if name.is_empty() => while rest.piece().await?.is_some() {},
                    Part::File(name) => {
                        file_name = Some(name);
                        break;
                    }
                }
            }
            let token = fields.get("csrf").map(String::as_str).unwrap_or_default();
            asker_of(&request).await?.check_form_token(&app_of(&request)?, token)?;
            Ok(Self { fields, file_name, rest })
        })
    }
}

enum Part {
    Field(String, String),
    /// Its name; the bytes follow.
    File(String),
}

/// What was not read yet.
struct Rest {
    payload: Payload,
    buffer: Vec<u8>,
    divider: Vec<u8>,
    read: usize,
    in_file: bool,
}

impl Rest {
    fn new(payload: Payload, boundary: &str) -> Self {
        // The first divider has no line before it; with one, all of them are alike.
        Self { payload, buffer: b"\r\n".to_vec(), divider: format!("\r\n--{boundary}").into_bytes(), read: 0, in_file: false }
    }

    async fn more(&mut self) -> Result<()> {
        match self.payload.next().await {
            Some(Ok(bytes)) => {
                self.buffer.extend_from_slice(&bytes);
                Ok(())
            }
            _ => Err(Error::invalid("file", "cut_off", "The upload was cut off. Send it again.")),
        }
    }

    /// Takes what stands before `mark`, and the mark itself.
    async fn until(&mut self, mark: &[u8]) -> Result<Vec<u8>> {
        loop {
            if let Some(at) = find(&self.buffer, mark) {
                let rest = self.buffer.split_off(at + mark.len());
                let mut taken = std::mem::replace(&mut self.buffer, rest);
                taken.truncate(at);
                self.read += taken.len();
                return if self.read > FIELDS { Err(Error::TooLarge) } else { Ok(taken) };
            }
            if self.buffer.len() + self.read > FIELDS {
                return Err(Error::TooLarge);
            }
            self.more().await?;
        }
    }

    /// The next field with its value, or the head of the file; `None` at the end of the form.
    async fn next_part(&mut self) -> Result<Option<Part>> {
        let divider = self.divider.clone();
        if self.read == 0 {
            self.until(&divider).await?;
        }
        while self.buffer.len() < 2 {
            self.more().await?;
        }
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let head = self.until(b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).into_owned();
        if let Some(name) = parameter(&head, "filename") {
            self.in_file = true;
            return Ok(Some(Part::File(name.to_owned())));
        }
        let name = parameter(&head, "name").unwrap_or_default().to_owned();
        let value = self.until(&divider).await?;
        Ok(Some(Part::Field(name, String::from_utf8_lossy(&value).into_owned())))
    }

    /// The next bytes of the file; `None` after its end.
    async fn piece(&mut self) -> Result<Option<Bytes>> {
        while self.in_file {
            if let Some(at) = find(&self.buffer, &self.divider) {
                self.in_file = false;
                let rest = self.buffer.split_off(at + self.divider.len());
                let mut last = std::mem::replace(&mut self.buffer, rest);
                last.truncate(at);
                return Ok(Some(Bytes::from(last)));
            }
            // The beginning of a divider may wait for its end.
            let sure = self.buffer.len().saturating_sub(self.divider.len());
            if sure > 0 {
                let rest = self.buffer.split_off(sure);
                return Ok(Some(Bytes::from(std::mem::replace(&mut self.buffer, rest))));
            }
            self.more().await?;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x9\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n--x9\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--x\r\n--x9\r\n\
        Content-Disposition: form-data; name=\"after\"\r\n\r\nz\r\n--x9--\r\n";

    fn in_pieces(bytes: &[u8], size: usize) -> Rest {
        let pieces: Vec<Result<Bytes, actix_web::error::PayloadError>> =
            bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        Rest::new(Payload::Stream { payload: Box::pin(stream::iter(pieces)) }, "x9")
    }

    async fn read(mut rest: Rest) -> Result<(Vec<String>, Vec<u8>)> {
        let (mut names, mut file) = (Vec::new(), Vec::new());
        while let Some(part) = rest.next_part().await? {
            match part {
                Part::Field(name, value) => names.push(format!("{name}={value}")),
                Part::File(name) => {
                    names.push(name);
                    while let Some(piece) = rest.piece().await? {
                        file.extend_from_slice(&piece);
                    }
                }
            }
        }
        Ok((names, file))
    }

    #[actix_web::test]
    async fn a_form_is_read_the_same_however_it_is_cut_into_pieces() {
        for size in 1..FORM.len() {
            let (names, file) = read(in_pieces(FORM.as_bytes(), size)).await.unwrap();
            assert_eq!(names, ["csrf=abc", "a.wav", "after=z"], "in pieces of {size}");
            assert_eq!(file, b"RIFF\r\n--x", "in pieces of {size}");
        }
    }

    #[actix_web::test]
    async fn a_form_that_was_cut_off_is_none() {
        for end in 0..FORM.len() - 4 {
            assert!(read(in_pieces(&FORM.as_bytes()[..end], 7)).await.is_err(), "{end}");
        }
    }
}
