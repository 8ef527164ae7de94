//! Reads participant reports in every layout that was seen: stacked tables, joins or totals, with what could not be read
//! by line (WEB-1). Times stay as they are written; what zone they are in, a report does not tell.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};

use super::columns::{Columns, Found, fold};
use super::rules::stamps::{Stamp, stamp};
use super::rules::{Part, Row};
use crate::incoming::{self, Lines, RefusedRow, Unreadable};

crate::words! {
    /// How a report is laid out.
    Layout {
        Webinar => "webinar", Joins => "joins", Totals => "totals", Flat => "flat", Ends => "ends",
    }
}

impl Layout {
    /// As staff read it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Webinar => "Webinar attendee report",
            Self::Joins => "Participants, one row a join",
            Self::Totals => "Participants, totals only",
            Self::Flat => "Administrator’s export",
            Self::Ends => "First join and last leave",
        }
    }
}

/// A meeting of a report that has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    pub number: String,
    pub topic: String,
}

/// A report taken apart.
#[derive(Clone, Debug)]
pub struct File {
    pub layout: Layout,
    pub topic: String,
    /// The platform's number of the meeting, digits only; empty where it is not told.
    pub meeting: String,
    /// Where each row names its meeting: all of them, as the rows number them.
    pub meetings: Vec<Meeting>,
    pub generated: Option<Stamp>,
    pub rows: Vec<Row>,
    /// Registered with the platform and not there.
    pub absent: usize,
    pub unread: Vec<RefusedRow>,
    /// How many people there were, as the report itself says.
    pub declared: Option<usize>,
}

/// Takes a report apart. Half a file, and what is no report, is refused as a whole.
pub fn read(bytes: &[u8]) -> Result<File, Unreadable> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"%PDF") {
        return Err(Unreadable::because("This is a spreadsheet or another document. Download the report as CSV."));
    }
    let bytes = incoming::unpacked(bytes)?;
    let text = incoming::utf8_or_windows_1252(&bytes)?;
    if text.chars().filter(|c| *c == '\0').count() > text.len() / 10 {
        return Err(Unreadable::because("This is not a text file. Download the report as CSV."));
    }
    // Names sometimes carry a NUL.
    let text = text.replace('\0', "");
    let mut reading = Reading { lines: Lines::of(&text), text: &text, ..Reading::default() };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter(&text)).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    loop {
        let from = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(true) => reading.take(&record, from, usize::try_from(reader.position().byte()).unwrap_or(usize::MAX))?,
            Ok(false) => break,
            Err(error) => return Err(Unreadable::because(format!("The file is not CSV ({error})."))),
        }
    }
    reading.finish()
}

/// The separator that stands most often in the lines with most fields.
fn delimiter(text: &str) -> u8 {
    let count = |separator: char| text.lines().take(40).map(|line| line.matches(separator).count()).max().unwrap_or_default();
    match (count(','), count(';'), count('\t')) {
        (commas, semicolons, tabs) if tabs > commas && tabs >= semicolons => b'\t',
        (commas, semicolons, _) if semicolons > commas => b';',
        _ => b',',
    }
}

/// The meetings that rows name, in the order in which they come.
#[derive(Default)]
struct Meetings {
    all: Vec<Meeting>,
    /// By number and beginning: a number may be used week after week.
    places: HashMap<(String, String), usize>,
}

impl Meetings {
    fn place_of(&mut self, found: &Found<'_>) -> usize {
        let (number, next) = (digits(found.text("meeting")), self.all.len());
        let place = *self.places.entry((number.clone(), found.text("begun").to_owned())).or_insert(next);
        if place == next {
            self.all.push(Meeting { number, topic: found.text("topic").to_owned() });
        }
        place
    }
}

/// A meeting's number as it is compared: platforms write it with spaces and without.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// A report as far as it was read.
#[derive(Default)]
struct Reading<'a> {
    text: &'a str,
    lines: Lines,
    table: Option<Columns>,
    part: Option<Part>,
    summary: Option<StringRecord>,
    layout: Option<Layout>,
    topic: String,
    meeting: String,
    meetings: Meetings,
    host_email: String,
    window: Option<(Stamp, Stamp)>,
    generated: Option<Stamp>,
    declared: Option<usize>,
    rows: Vec<Row>,
    absent: usize,
    unread: Vec<RefusedRow>,
}

impl Reading<'_> {
    fn take(&mut self, record: &StringRecord, from: usize, to: usize) -> Result<(), Unreadable> {
        let raw = self.text.get(from..to).unwrap_or_default();
        let start = from + (raw.len() - raw.trim_start_matches(['\r', '\n']).len());
        let line = self.lines.at(start);
        let is_last = to >= self.text.trim_end().len();
        if is_last && raw.matches('"').count() % 2 == 1 {
            return Err(Unreadable::at(
                line,
                "A quotation mark is opened here and never closed: the file may have been cut off. Download it again.",
            ));
        }
        if record.iter().all(|field| field.trim().is_empty()) {
            return Ok(());
        }
        if let Some(header) = self.summary.take() {
            self.keep_summary(&header, record);
            return Ok(());
        }
        if self.is_heading(record) {
            return Ok(());
        }
        if let Some(columns) = Columns::of(record) {
            self.begin_table(columns);
            return Ok(());
        }
        if Columns::is_summary(record) {
            self.summary = Some(record.clone());
            return Ok(());
        }
        let Some(columns) = &self.table else { return Ok(()) };
        if is_last && !self.text.ends_with('\n') && record.len() <= columns.last_needed() {
            let sentence = "The file ends in the middle of this line: it was cut off. Download it again.";
            return Err(Unreadable::at(line, sentence));
        }
        self.keep_row(record, line, raw);
        Ok(())
    }

    /// A section's title alone on its line, or when the report was made.
    fn is_heading(&mut self, record: &StringRecord) -> bool {
        let mut filled = record.iter().map(str::trim).filter(|field| !field.is_empty());
        let (first, second, third) = (filled.next().unwrap_or_default(), filled.next(), filled.next());
        let title = fold(first);
        if title.starts_with("reportgenerated") && third.is_none() {
            self.generated = second.and_then(stamp);
            return true;
        }
        if second.is_some() {
            return false;
        }
        let part = match title.as_str() {
            "hostdetails" => Part::Host,
            "panelistdetails" => Part::Panelist,
            "attendeedetails" => Part::Attendee,
            "otherattended" => Part::Phone,
            "attendeereport" | "participantreport" | "participants" => return true,
            _ => return false,
        };
        (self.part, self.table) = (Some(part), None);
        true
    }

    fn begin_table(&mut self, columns: Columns) {
        let layout = match () {
            () if self.part.is_some() => Layout::Webinar,
            () if columns.is_flat() => Layout::Flat,
            () if columns.has_ends() => Layout::Ends,
            () if columns.has_joins() => Layout::Joins,
            () => Layout::Totals,
        };
        self.layout = Some(self.layout.unwrap_or(layout));
        self.table = Some(columns);
    }

    fn keep_summary(&mut self, header: &StringRecord, values: &StringRecord) {
        for (name, value) in header.iter().map(fold).zip(values.iter().map(str::trim)) {
            match name.as_str() {
                "topic" => value.clone_into(&mut self.topic),
                "id" | "meetingid" | "webinarid" => self.meeting = digits(value),
                "starttime" | "actualstarttime" => self.window = stamp(value).map(|at| (at, self.window.map_or(at, |(_, end)| end))),
                "endtime" => self.window = self.window.zip(stamp(value)).map(|((start, _), end)| (start, end)),
                "useremail" => self.host_email = value.to_lowercase(),
                "host" => self.host_email = value.rsplit_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')')).to_lowercase(),
                "participants" | "uniqueviewers" => self.declared = value.parse().ok(),
                _ => {}
            }
        }
    }

    fn keep_row(&mut self, record: &StringRecord, line: u64, raw: &str) {
        let Some(columns) = &self.table else { return };
        let found = columns.shifted(record);
        if found.text("attended").eq_ignore_ascii_case("no") {
            self.absent += 1;
            return;
        }
        let meeting = if columns.is_flat() { self.meetings.place_of(&found) } else { 0 };
        if self.meeting.is_empty() {
            self.meeting = digits(found.text("meeting"));
        }
        let name = incoming::tidy_line(&found.name());
        let email = found.text("email").to_owned();
        let total = if columns.has_joins() && !columns.has_ends() { None } else { minutes_of(found.text("total")) };
        let times = if columns.has_joins() { found.times() } else { self.window };
        let why = match (&times, total) {
            _ if name.is_empty() && email.is_empty() => Some("There is neither a name nor an e-mail."),
            (None, _) if columns.has_joins() => Some("The times of joining and leaving cannot be read."),
            (None, _) => Some("The report does not say when the meeting began and ended."),
            (_, None) if !columns.has_joins() => Some("The minutes cannot be read."),
            _ => None,
        };
        if let (Some((join, leave)), None) = (times, why) {
            let is_host = !email.is_empty() && email.eq_ignore_ascii_case(&self.host_email);
            let part = self.part.unwrap_or(if is_host { Part::Host } else { Part::Attendee });
            let name = if name.is_empty() { email.clone() } else { name };
            self.rows.push(Row { line, meeting, name, email, part, join, leave, total });
            return;
        }
        let what = incoming::tidy_line(raw).chars().take(60).collect();
        self.unread.push(RefusedRow { line: Some(line), what, reason: why.unwrap_or_default().to_owned() });
    }

    fn finish(self) -> Result<File, Unreadable> {
        let Some(layout) = self.layout else {
            let sentence = "This is no participant report: no line of it names columns such as “Join Time” and “Leave Time”. \
                In Zoom it is under Reports, Usage or Webinar, as CSV.";
            return Err(Unreadable::because(sentence));
        };
        Ok(File {
            layout,
            topic: self.meetings.all.first().map_or(self.topic, |first| first.topic.clone()),
            meeting: self.meeting,
            meetings: self.meetings.all,
            generated: self.generated,
            rows: self.rows,
            absent: self.absent,
            unread: self.unread,
            declared: self.declared,
        })
    }
}

/// `75`, `150 minutes`, `1 h 15 min`, `01:15:00`.
fn minutes_of(text: &str) -> Option<i64> {
    let text = text.trim();
    if let [hours, minutes, _] = text.split(':').collect::<Vec<_>>().as_slice() {
        return Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?);
    }
    let numbers: Vec<i64> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).filter_map(|part| part.parse().ok()).collect();
    match numbers.as_slice() {
        [minutes] if *minutes < 100_000 => Some(*minutes),
        [hours, minutes] if text.contains('h') => Some(hours * 60 + minutes),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
