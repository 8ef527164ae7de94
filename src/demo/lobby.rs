//! The lobby of the demo: news, a question with its answer, and the letter of the second day, which waits for its hour.

use chrono::Duration;

use super::people::congress;
use crate::app::{Actor, Tx};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::events::{Event, rules::end_of_day};
use crate::ids::StaffId;
use crate::lobby::{announcements, daily, questions};
use crate::registration::{self, Status};
use crate::staff;

/// Title, words, whom it is for, and how many minutes ago it was posted.
const NEWS: [(&str, &str, &str, i64); 3] = [
    (
        "Good morning: doors open at 7:00 AM",
        "Breakfast is in the Harbor Hall until 8:45 AM. The opening keynote starts at 9:00 AM in Ballroom A; please take your badge.",
        "all",
        75,
    ),
    ("Bring one question to B3", "The live consult lives from your cases: write yours on a card, without names.", "session:B3", 50),
    (
        "The Blue Line runs every six minutes today",
        "From 4:00 PM to 8:00 PM twice as many trains leave Lantern Quay as usual, so nobody has to hurry from the reception.",
        "all",
        20,
    ),
];

const LETTER: &str = "Good morning {name}.\n\nToday is {day}.\n\nYour first session: {first_session}, {first_time}\nRoom: {first_room}\n\n\
    Lunch: {lunch}\nBadges, if you have none yet: {badge_place}\n\nWhat is on now, materials and the help desk: {lobby}";

/// Fills the lobby as far as `now` has come.
pub fn fill(tx: &mut Tx<'_>, now: Instant) -> Result<()> {
    let event = congress(tx)?;
    let content = member(tx, "content@example.org")?;
    for (title, body, audience, minutes) in NEWS {
        (tx.actor, tx.now) = (Actor::Staff(content.clone()), now.minus(Duration::minutes(minutes)));
        let draft = announcements::Draft { title: title.to_owned(), body: body.to_owned(), audience: audience.to_owned() };
        announcements::post(tx, &event, &draft)?;
    }
    tx.now = now.minus(Duration::minutes(15));
    write_the_letter(tx, &event, now)?;
    ask(tx, &event, now)
}

fn member(tx: &mut Tx<'_>, email: &str) -> Result<StaffId> {
    Ok(staff::find_by_email(tx.db, email)?.ok_or(Error::NotFound)?.id)
}

/// The letter about the last day, at six in the morning, where that is still to come.
fn write_the_letter(tx: &mut Tx<'_>, event: &Event, now: Instant) -> Result<()> {
    let text = str::to_owned;
    let draft =
        daily::Draft { subject: text("Today at {event}"), body: text(LETTER), audience: text("all"), about_on: event.ends_on.to_string() };
    let letter = daily::compose(tx, event, &draft)?;
    let when = format!("{}T06:00", event.ends_on);
    let is_to_come = now < end_of_day(event.ends_on, event.zone()).minus(Duration::hours(18));
    if is_to_come { daily::schedule(tx, event, &letter.id, &when).map(drop) } else { Ok(()) }
}

/// Two people asked the help desk; one has the answer.
fn ask(tx: &mut Tx<'_>, event: &Event, now: Instant) -> Result<()> {
    let people = registration::with_status(tx.db, &event.id, Status::Confirmed)?;
    let desk = member(tx, "onsite@example.org")?;
    let asked = [
        (
            "Is there a room where I can pump between the sessions?",
            40,
            Some(
                "Yes: the room next to the quiet room on level 2. It has a fridge and a lock; the nurse at the foot of the escalator has the key.",
            ),
        ),
        ("I left a gray scarf in the Harbor Hall yesterday. Was it found?", 12, None),
    ];
    for ((question, minutes, answer), person) in asked.into_iter().zip(people.iter().skip(20)) {
        (tx.actor, tx.now) = (Actor::Attendee(person.person_id.clone()), now.minus(Duration::minutes(minutes)));
        let asked = questions::ask(tx, event, &person.id, question)?;
        if let Some(answer) = answer {
            (tx.actor, tx.now) = (Actor::Staff(desk.clone()), now.minus(Duration::minutes(minutes - 6)));
            questions::answer(tx, event, &asked.id, answer)?;
        }
    }
    Ok(())
}
