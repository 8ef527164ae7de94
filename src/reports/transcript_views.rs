//! What the transcript's pages and its PDF say: lines, years, and progress in words and drawn.

use serde_json::{Value, json};

use super::rules::progress::Progress;
use super::rules::rows::Line;
use super::transcript::{Begins, Part, Transcript};
use crate::credits::rules::{Code, hundredths_words};
use crate::events::rules::{dates_words, day_words};

/// How wide progress is drawn, in the units of its picture.
const WIDTH: i64 = 320;

/// `CPPS: 12.50 of 45 hours from 1 May 2023 to 30 April 2026; 32.50 are missing.`
pub fn progress_words(progress: &Progress) -> String {
    let Progress { goal, cycle, hundredths } = progress;
    let rest = match progress.missing() {
        0 => "that is enough".to_owned(),
        missing => format!("{} missing", hundredths_words(missing)),
    };
    format!(
        "{}: {} of {} hours, {} to {}; {rest}.",
        goal.name,
        hundredths_words(*hundredths),
        goal.hundredths / 100,
        cycle.from.format("%-d %b %Y"),
        cycle.until.format("%-d %b %Y")
    )
}

fn progress(progress: &Progress, begins: &Begins) -> Value {
    let goal = progress.goal;
    let own = if goal.code == Code::Cpps { begins.cpps } else { begins.cphq };
    json!({
        "name": goal.name, "field": goal.code, "words": progress_words(progress), "begins": own.map(|day| day.to_string()).unwrap_or_default(),
        "width": progress.thousandths() * WIDTH / 1000, "done": hundredths_words(progress.hundredths), "goal": goal.hundredths / 100,
        "years": goal.years, "is_full": progress.missing() == 0,
    })
}

fn line(line: &Line) -> Value {
    json!({
        "type": line.code.known().name, "amount": line.code.amount(line.hundredths), "activity": line.activity, "code": line.activity_code,
        "provider": line.provider, "day": day_words(line.completed_on),
        "certificate": line.certificate.as_ref().map(|(serial, href)| json!({ "serial": serial, "href": href })),
    })
}

fn part(part: &Part) -> Value {
    json!({
        "event": part.event.name, "dates": dates_words(part.event.starts_on, part.event.ends_on), "registration": part.registration,
        "lines": part.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

/// The whole page, without its frame.
pub fn page(transcript: &Transcript, begins: &Begins) -> Value {
    let year = |(year, sums): &(i32, Vec<(Code, i64)>)| {
        let sums: Vec<Value> =
            sums.iter().map(|(code, hundredths)| json!({ "type": code.known().name, "amount": code.amount(*hundredths) })).collect();
        json!({ "year": year, "sums": sums })
    };
    json!({
        "name": transcript.name, "made": day_words(transcript.made_on), "parts": transcript.parts.iter().map(part).collect::<Vec<_>>(),
        "years": transcript.years.iter().map(year).collect::<Vec<_>>(),
        "progress": transcript.progress.iter().map(|one| progress(one, begins)).collect::<Vec<_>>(),
    })
}
