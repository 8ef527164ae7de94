//! Everybody who attended and how far their credit is, as a file: what the page of education staff shows (CEU-7).

use super::rules::Format;
use super::rules::rows::PEOPLE_COLUMNS;
use crate::clock::Instant;
use crate::credits::people::{self, Row, Show};
use crate::db::Db;
use crate::error::Result;
use crate::events::Event;
use crate::registration::rules::profession_words;
use crate::sheets::{Cell, Sheet};

/// Writes those whom the words find and the filter shows, by name; returns file and rows.
pub fn write(db: &mut Db, event: &Event, words: &str, show: Option<Show>, format: Format, now: Instant) -> Result<(Sheet, usize)> {
    let widths = [14, 18, 22, 28, 16, 18, 36, 12, 12, 12, 20, 14];
    let mut sheet = if format == Format::Csv { Sheet::csv()? } else { Sheet::xlsx("People", &widths, now)? };
    sheet.row(&PEOPLE_COLUMNS.map(Cell::text))?;
    let mut rows = 0;
    people::each(db, event, words, now, |one| {
        if show.is_none_or(|show| show.has(&one)) {
            sheet.row(&row(&one))?;
            rows += 1;
        }
        Ok(())
    })?;
    Ok((sheet, rows))
}

fn row(one: &Row) -> Vec<Cell> {
    let registration = &one.registration;
    let count = |count: usize| Cell::Whole(i64::try_from(count).unwrap_or(i64::MAX));
    vec![
        Cell::text(&registration.code),
        Cell::text(&registration.given_name),
        Cell::text(&registration.family_name),
        Cell::text(&registration.certificate_name),
        Cell::text(&registration.credentials),
        Cell::text(profession_words(&registration.profession)),
        Cell::text(&registration.organization),
        count(one.attended),
        count(one.evaluated),
        count(one.claimed),
        Cell::text(one.stand.words().1),
        Cell::text(if one.is_late { "yes" } else { "no" }),
    ]
}
