//! The outbox: claims queued letters one node at a time, hands them over, retries with growing delays.

use std::thread;

use chrono::Duration;
use diesel::dsl::{exists, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::{Letter, State};
use crate::app::{Actor, App, Tx};
use crate::clock::Instant;
use crate::db::schema::letters;
use crate::error::{Error, Result};
use crate::ids::LetterId;
use crate::mailer::CONNECTIONS;
use crate::qr;

/// How long a node may hold a letter; longer than a mail server may take, so that a slow one is not sent twice.
const CLAIM: Duration = Duration::minutes(10);

/// After so many failed tries a letter is marked failed (its state is shown to staff, who can send it again).
const MOST_TRIES: i32 = 14;

/// Sends every letter that is due; returns how many were handed over.
pub fn deliver_due(app: &App) -> Result<usize> {
    let mut sent = 0;
    // Asked by reading first: the writer is not woken every second for nothing.
    while is_one_due(app)? {
        let batch = app.write_here(Actor::Service("outbox"), claim)?;
        sent += thread::scope(|scope| {
            let hands: Vec<_> = batch.iter().map(|letter| scope.spawn(move || deliver(app, letter))).collect();
            hands.into_iter().filter_map(|hand| hand.join().ok()).filter(|delivered| matches!(delivered, Ok(true))).count()
        });
    }
    Ok(sent)
}

fn is_one_due(app: &App) -> Result<bool> {
    let now = app.now();
    app.read_here(|db| Ok(diesel::select(exists(due(now))).get_result(db)?))
}

/// Letters that wait and whose time has come, or that a node took and never sent.
#[diesel::dsl::auto_type]
fn due(now: Instant) -> _ {
    // In the words of the index `letters_due`, or every letter ever sent would be read each second.
    let is_open: SqlLiteral<Bool> = sql::<Bool>("(letters.state = 'queued' OR letters.state = 'sending')");
    let sending: State = State::Sending;
    let is_free = letters::state.ne(sending).or(letters::claimed_until.lt(now).assume_not_null());
    letters::table.filter(is_open).filter(letters::next_try_at.le(now)).filter(is_free)
}

/// Marks a handful of due letters as being sent by this node.
fn claim(tx: &mut Tx<'_>) -> Result<Vec<Letter>> {
    let due: Vec<Letter> =
        due(tx.now).order(letters::next_try_at.asc()).limit(i64::from(CONNECTIONS)).select(Letter::as_select()).load(tx.db)?;
    let mut claimed = Vec::with_capacity(due.len());
    for letter in due {
        // Conditional on what was seen, so that of two nodes one gets it.
        let rows = diesel::update(letters::table.find(&letter.id))
            .filter(letters::attempts.eq(letter.attempts))
            .filter(letters::state.eq(letter.state))
            .set((
                letters::state.eq(State::Sending),
                letters::attempts.eq(letter.attempts + 1),
                letters::claimed_until.eq(Some(tx.now.plus(CLAIM))),
            ))
            .execute(tx.db)?;
        if rows == 1 {
            claimed.push(Letter { attempts: letter.attempts + 1, ..letter });
        }
    }
    Ok(claimed)
}

fn deliver(app: &App, letter: &Letter) -> Result<bool> {
    let outcome =
        message(app, letter).map_err(|cause| format!("{cause:?}")).and_then(|message| app.mailer.send(letter.id.as_str(), &message));
    let letter = letter.clone();
    app.write_here(Actor::Service("outbox"), move |tx| match outcome {
        Ok(()) => mark_sent(tx, &letter).map(|()| true),
        Err(cause) => mark_failed(tx, &letter, &cause).map(|()| false),
    })
}

fn mark_sent(tx: &mut Tx<'_>, letter: &Letter) -> Result<()> {
    diesel::update(letters::table.find(&letter.id))
        .set((
            letters::state.eq(State::Sent),
            letters::sent_at.eq(Some(tx.now)),
            letters::claimed_until.eq(None::<Instant>),
            letters::last_error.eq(None::<String>),
        ))
        .execute(tx.db)?;
    // The demo's mailbox stands in for the inbox, so there the text stays readable.
    if letter.confidential && !tx.site.config.demo {
        diesel::update(letters::table.find(&letter.id)).set((letters::body_text.eq(""), letters::body_html.eq(""))).execute(tx.db)?;
    }
    Ok(())
}

fn mark_failed(tx: &mut Tx<'_>, letter: &Letter, cause: &str) -> Result<()> {
    let state = if letter.attempts >= MOST_TRIES { State::Failed } else { State::Queued };
    tracing::warn!(letter = letter.id.as_str(), attempt = letter.attempts, "a letter could not be handed over");
    diesel::update(letters::table.find(&letter.id))
        .set((
            letters::state.eq(state),
            letters::claimed_until.eq(None::<Instant>),
            letters::next_try_at.eq(tx.now.plus(delay_after(letter.attempts))),
            letters::last_error.eq(Some(cause.chars().take(500).collect::<String>())),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// The pause after so many tries: 5 seconds, doubling, at most 6 hours.
pub fn delay_after(attempts: i32) -> Duration {
    Duration::seconds((5i64 << attempts.clamp(1, 14).saturating_sub(1)).min(6 * 3600))
}

/// Marks every letter that waits as sent when it was written: the demo's past is not mailed to anybody.
pub fn mark_as_sent_long_ago(tx: &mut Tx<'_>) -> Result<usize> {
    let waiting = letters::table.filter(letters::state.eq(State::Queued));
    let sent = (letters::state.eq(State::Sent), letters::attempts.eq(1), letters::sent_at.eq(letters::created_at.nullable()));
    Ok(diesel::update(waiting).set(sent).execute(tx.db)?)
}

/// Sends a letter once more, to the address the person has now. One that never got out goes back into the
/// queue; of one that was sent a copy goes out, since mail servers drop what comes twice under one id.
pub fn send_again(tx: &mut Tx<'_>, letter: &Letter, to_email: &str) -> Result<()> {
    if letter.confidential {
        return Err(Error::refused(
            "mail.confidential",
            "This letter holds a code or a link of its own. Give a new sign-in code, or a new join link, instead.",
        ));
    }
    let entry = crate::audit::Entry::of("letter.sent_again", "letter", &letter.id).after(serde_json::json!({ "letter": letter.kind }));
    match letter.state {
        State::Sending => return Err(Error::refused("mail.on_its_way", "This letter is being sent right now.")),
        State::Sent => {
            let copy = Letter {
                id: LetterId::new(),
                to_email: to_email.to_owned(),
                state: State::Queued,
                attempts: 0,
                next_try_at: tx.now,
                claimed_until: None,
                sent_at: None,
                last_error: None,
                created_at: tx.now,
                ..letter.clone()
            };
            diesel::insert_into(letters::table).values(&copy).execute(tx.db)?;
        }
        State::Queued | State::Failed | State::Suppressed => {
            diesel::update(letters::table.find(&letter.id))
                .set((
                    letters::state.eq(State::Queued),
                    letters::attempts.eq(0),
                    letters::next_try_at.eq(tx.now),
                    letters::to_email.eq(to_email),
                ))
                .execute(tx.db)?;
        }
    }
    let entry = match (&letter.event_id, &letter.registration_id) {
        (Some(event), Some(registration)) => entry.event(event).registration(registration),
        _ => entry,
    };
    entry.record(tx)?;
    tx.letters_wait();
    Ok(())
}

/// The letter as it goes over the wire: text and HTML, the badge's QR code inline, the calendar attached.
pub fn message(app: &App, letter: &Letter) -> Result<Message> {
    let from: Mailbox = app.site.config.mail_from.parse().map_err(Error::internal)?;
    let domain = from.email.domain().to_owned();
    let address = letter.to_email.parse().map_err(|_| Error::internal("the address of a letter is not one"))?;
    let html = SinglePart::html(letter.body_html.clone());
    let html = match &letter.badge_text {
        Some(text) => {
            let image = Attachment::new_inline("badge".to_owned())
                .body(qr::png(text, 8)?, ContentType::parse("image/png").map_err(Error::internal)?);
            MultiPart::related().singlepart(html).singlepart(image)
        }
        None => MultiPart::related().singlepart(html),
    };
    let body = MultiPart::alternative().singlepart(SinglePart::plain(letter.body_text.clone())).multipart(html);
    let body = match &letter.calendar {
        Some(calendar) => {
            let kind = ContentType::parse("text/calendar; charset=utf-8; method=PUBLISH").map_err(Error::internal)?;
            MultiPart::mixed().multipart(body).singlepart(Attachment::new("my-agenda.ics".to_owned()).body(calendar.clone(), kind))
        }
        None => body,
    };
    Message::builder()
        .from(from)
        .to(Mailbox::new(Some(letter.to_name.clone()).filter(|name| !name.is_empty()), address))
        .subject(letter.subject.clone())
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .date(letter_date(letter))
        .multipart(body)
        .map_err(Error::internal)
}

fn letter_date(letter: &Letter) -> std::time::SystemTime {
    std::time::SystemTime::from(letter.created_at.utc().and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{self, Db};
    use diesel::sqlite::{Sqlite, SqliteConnection};

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }

    #[test]
    fn what_is_due_is_found_in_its_index_and_not_among_all_letters() {
        let mut db = Db::Sqlite(SqliteConnection::establish(":memory:").expect("a database"));
        db::migrate(&mut db).expect("its tables");
        let Db::Sqlite(connection) = &mut db else { unreachable!("it is SQLite") };
        let now = Instant::parse("2026-03-09T09:00:00-07:00").expect("an instant");
        let asked = diesel::debug_query::<Sqlite, _>(&due(now).select(letters::id)).to_string();
        let plan: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {asked}")).load(connection).expect("a plan");
        assert!(
            plan.iter().any(|step| step.detail.contains("letters_due")),
            "{:?}",
            plan.iter().map(|step| &step.detail).collect::<Vec<_>>()
        );
    }

    #[test]
    fn retries_come_with_growing_delays() {
        let seconds: Vec<i64> = (1..=14).map(|attempt| delay_after(attempt).num_seconds()).collect();
        assert_eq!(&seconds[..4], &[5, 10, 20, 40]);
        assert_eq!(seconds.last(), Some(&21_600));
    }
}
