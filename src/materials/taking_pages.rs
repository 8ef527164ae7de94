//! What the forms of staff and speakers have in common: a title, and a file or an address.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;

use super::{Content, Wanted, rules};
use crate::app::{Actor, App};
use crate::error::{Checks, Error, Result};
use crate::events::Event;
use crate::http::streamed::StreamedForm;
use crate::ids::MaterialId;
use crate::uploads::rules::{Purpose, size_words};
use crate::uploads::{New, taking};

/// What was typed, to be shown again.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    pub title: String,
    pub of: String,
    pub link: String,
}

impl Typed {
    pub fn of(form: &StreamedForm) -> Self {
        let field = |name| form.field(name).to_owned();
        Self { title: field("title"), of: field("material"), link: field("link") }
    }

    pub fn wanted(&self) -> Wanted {
        let of = Some(self.of.trim()).filter(|id| !id.is_empty()).map(|id| MaterialId::from(id.to_owned()));
        Wanted { title: self.title.clone(), of }
    }
}

/// What was handed in is listed, or its file goes again.
pub async fn taken_or_gone<T>(app: &App, actor: Actor, content: Content, done: Result<T>) -> Result<T> {
    match content {
        Content::File(id) => taking::unwanted(app, actor, id, done).await,
        Content::Link(_) => done,
    }
}

/// Takes the file of a form into the storage, or reads its address. What is wrong with the fields is said before a byte of
/// the file is kept.
pub async fn take(app: &App, actor: Actor, event: &Event, form: StreamedForm, request: &HttpRequest) -> Result<(Wanted, Content)> {
    let typed = Typed::of(&form);
    let wanted = typed.wanted();
    wanted.check()?;
    let Some(name) = form.file_name.clone() else {
        if typed.link.trim().is_empty() {
            return Err(Error::invalid("file", "required", "Choose a file, or enter an address."));
        }
        let mut checks = Checks::new();
        let link = rules::link(&mut checks, &typed.link);
        checks.finish()?;
        return Ok((wanted, Content::Link(link.ok_or(Error::NotFound)?)));
    };
    if !typed.link.trim().is_empty() {
        return Err(Error::invalid("link", "both", "Hand in a file or an address, one after the other."));
    }
    let largest = Purpose::Material.largest_of_form();
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > largest) {
        return Err(Error::invalid("file", "too_large", format!("A file may have at most {}.", size_words(largest))));
    }
    let new = New { event: event.id.clone(), purpose: Purpose::Material, name, size: announced.unwrap_or(largest) };
    let upload = taking::take_whole(app, actor, new, form.file()).await?;
    Ok((wanted, Content::File(upload.id)))
}
