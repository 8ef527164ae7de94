//! Posted forms: limited in size, taken only with this browser's token.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::asker::{app_of, asker_of};
use super::gate::Gate;
use crate::error::{Error, Result};

/// A form as a page of ours posts it. Unknown fields are ignored, missing ones are as `T` says.
pub struct PostedForm<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for PostedForm<T> {
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
            read.map(Self)
        })
    }
}

async fn read<T: DeserializeOwned>(request: &HttpRequest, body: impl Future<Output = Result<Bytes, actix_web::Error>>) -> Result<T> {
    let body = body.await.map_err(|_| Error::TooLarge)?;
    check_token(request, &body).await?;
    serde_urlencoded_lists(&body)
}

async fn check_token(request: &HttpRequest, body: &[u8]) -> Result<()> {
    let token = url::form_urlencoded::parse(body).find(|(name, _)| name == "csrf").map(|(_, value)| value.into_owned());
    let app = app_of(request)?;
    asker_of(request).await?.check_form_token(&app, &token.unwrap_or_default())
}

/// Reads a form into `T`; a field that comes several times (checkboxes) becomes a list, and a list
/// field that comes once is a list of one when it is named with `[]`: `sessions[]=B1`.
pub fn serde_urlencoded_lists<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let mut fields = serde_json::Map::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = serde_json::Value::String(value.into_owned());
        match name.strip_suffix("[]") {
            Some(list) => match fields.entry(list.to_owned()).or_insert_with(|| serde_json::Value::Array(Vec::new())) {
                serde_json::Value::Array(values) => values.push(value),
                other => *other = serde_json::Value::Array(vec![value]),
            },
            None => {
                fields.insert(name.into_owned(), value);
            }
        }
    }
    serde_json::from_value(serde_json::Value::Object(fields))
        .map_err(|cause| Error::invalid("form", "malformed", format!("This form was not sent completely ({cause}).")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Choice {
        name: String,
        #[serde(default)]
        sessions: Vec<String>,
    }

    #[test]
    fn fields_named_with_brackets_are_lists_however_often_they_come() {
        let one: Choice = serde_urlencoded_lists(b"name=A+B&sessions%5B%5D=B1").unwrap();
        assert_eq!((one.name.as_str(), one.sessions.len()), ("A B", 1));
        let none: Choice = serde_urlencoded_lists(b"name=x&csrf=1").unwrap();
        assert!(none.sessions.is_empty());
    }
}
