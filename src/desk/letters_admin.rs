//! Reading a letter to a person, and sending it once more.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::person::registration_of;
use super::person_admin::base;
use crate::app::App;
use crate::badges;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::events::rules::instant_words;
use crate::http::asker::{Allowed, permit};
use crate::http::forms::PostedForm;
use crate::http::pages::{Page, see_other_saying};
use crate::mail::{self, Letter, outbox};
use crate::people;
use crate::registration::Registration;
use crate::staff::pages::Nothing;

type Path = web::Path<(String, String, String)>;

/// The letter of a registration of this event, or not found.
fn letter_of(db: &mut Db, event: &Event, code: &str, letter: &str) -> Result<(Registration, Letter)> {
    let registration = registration_of(db, event, code)?;
    let letter = mail::get(db, letter)?;
    if letter.registration_id.as_ref() == Some(&registration.id) { Ok((registration, letter)) } else { Err(Error::NotFound) }
}

/// `GET /staff/events/{event}/people/{registration}/letters/{letter}`: its words; one that holds a code is not found.
pub async fn show(app: web::Data<App>, allowed: Allowed<permit::SeePeople>, path: Path) -> Result<HttpResponse> {
    let (_, code, id) = path.into_inner();
    let event = allowed.event()?.clone();
    let of_event = event.clone();
    let (registration, letter) = app.read(move |db| letter_of(db, &of_event, &code, &id)).await?;
    if letter.confidential {
        return Err(Error::NotFound);
    }
    let view = json!({
        "base": base(&event, &registration.code), "name": registration.full_name(), "subject": letter.subject,
        "to": letter.to_email, "when": instant_words(letter.sent_at.unwrap_or(letter.created_at), event.zone()),
        "text": letter.body_text, "has_calendar": letter.calendar.is_some(), "has_badge": letter.badge_text.is_some(),
    });
    Page::new(&app, &allowed.asker, "desk/letter").event(&event).render(&view)
}

/// `POST /staff/events/{event}/people/{registration}/letters/{letter}/sending`
pub async fn send_again(
    app: web::Data<App>,
    allowed: Allowed<permit::EditRegistrations>,
    path: Path,
    _form: PostedForm<Nothing>,
) -> Result<HttpResponse> {
    let (_, code, id) = path.into_inner();
    let event = allowed.event()?.clone();
    let to = format!("{}#letters", base(&event, &code));
    let sent = app.write(allowed.actor(), move |tx| {
        let (registration, letter) = letter_of(tx.db, &event, &code, &id)?;
        let person = people::get(tx.db, &registration.person_id)?;
        if let Some(text) = &letter.badge_text
            && !badges::is_current(tx.db, text)?
        {
            let message = "The badge in this letter was replaced or its registration canceled: its code would be refused at every door.";
            return Err(Error::refused("mail.old_badge", message));
        }
        outbox::send_again(tx, &letter, &person.email)?;
        Ok(person.email)
    });
    match sent.await {
        Ok(email) => Ok(see_other_saying(&app, &to, "yes", &format!("The letter goes to {email} again."))),
        Err(Error::Refused { message, .. }) => Ok(see_other_saying(&app, &to, "no", &message)),
        Err(error) => Err(error),
    }
}
