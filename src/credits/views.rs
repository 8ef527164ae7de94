//! What pages about credit share: the line of evidence in words and drawn, the deadline in both zones, statements.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::activities::accredited;
use super::catalogue::ACCREDITATION;
use super::chain::{Link, Share};
use super::disclosures;
use super::evidence::Source;
use super::providers::{self, Filling};
use super::rules::{Code, hundredths_words};
use crate::agenda::{Kind, Session};
use crate::checkin::presence::Attended;
use crate::clock::Instant;
use crate::db::Db;
use crate::error::Result;
use crate::evaluations::rules::Standing;
use crate::events::deadline::Deadline;
use crate::events::{Event, rules as days};

/// The deadline as `parts/deadline` shows it; a browser adds the reader's own zone from its instant.
pub fn deadline(event: &Event, last_day: Option<NaiveDate>, now: Instant) -> Option<Deadline> {
    last_day.map(|day| Deadline::of_day(day, event.zone(), now))
}

/// What a session means for one credit type: `You were there 52 of 60 minutes; 48 are needed.`
pub fn words(link: &Link, share: &Share) -> String {
    told(link, share, ["You said that you were", "You were", "No scan says that you were", "you"])
}

/// The same for staff, who read it of somebody else.
pub fn words_for_staff(link: &Link, share: &Share) -> String {
    told(link, share, ["They said that they were", "They were", "No scan says that they were", "them"])
}

fn told(link: &Link, share: &Share, [said, were, unseen, whom]: [&str; 4]) -> String {
    let length = link.session.ends_at.since(link.session.starts_at).num_minutes();
    let of = |attended: &Attended| {
        let least = if attended.is_at_least { "at least " } else { "" };
        format!("{least}{} of {length} minutes", attended.minutes)
    };
    let there = match &link.attended {
        Some(attended) if link.is_attested => format!("{said} there {} of {length} minutes", attended.minutes),
        Some(attended) if attended.is_assumed => {
            format!("{were} there {} (nobody scanned {whom} out)", of(attended))
        }
        Some(attended) => format!("{were} there {}", of(attended)),
        None if link.session.kind == Kind::Webinar => unseen.replacen("No scan says", "No participant report says yet", 1) + " there",
        None => format!("{unseen} there"),
    };
    match share.needed {
        Some(needed) => format!("{there}; {needed} are needed."),
        None => format!("{there}."),
    }
}

/// The presence drawn in the session's time, in thousandths, with what is needed as a tick.
pub fn bar(link: &Link, share: &Share) -> Value {
    let length = link.session.ends_at.since(link.session.starts_at).num_seconds().max(1);
    let place = |at: Instant| at.since(link.session.starts_at).num_seconds().clamp(0, length) * 1000 / length;
    let stays: Vec<Value> = match &link.attended {
        Some(attended) if link.is_attested => vec![json!({ "x": 0, "width": attended.minutes * 60_000 / length })],
        Some(attended) => {
            attended.stays.iter().map(|(from, to)| json!({ "x": place(*from), "width": place(*to) - place(*from) })).collect()
        }
        None => Vec::new(),
    };
    json!({ "stays": stays, "need": share.needed.map(|needed| needed * 60_000 / length) })
}

/// One line of the chain.
pub fn link(event: &Event, link: &Link, now: Instant, missing: &[&str]) -> Value {
    let first = link.shares.first();
    let share_words = |share: &Share| {
        let name = share.code.known().name;
        match share.claimed {
            Some(claimed) => format!("{name}: {} claimed", share.code.amount(claimed)),
            None if share.most > 0 => format!("{name}: up to {}", share.code.amount(share.most)),
            None => format!("{name}: nothing yet"),
        }
    };
    json!({
        "code": link.session.code, "title": link.session.title,
        "when": days::span_words(link.session.starts_at, link.session.ends_at, event.zone()),
        "chip": chip(link, missing), "seat": link.seat.map(|seat| seat.words()),
        "words": first.filter(|_| link.is_over(now)).map(|share| words(link, share)),
        "bar": first.filter(|_| link.is_over(now) && link.attended.is_some()).map(|share| bar(link, share)),
        "shares": link.shares.iter().map(share_words).collect::<Vec<_>>(),
        "evaluation": link.evaluation.map(|standing| match standing {
            Standing::NotOpen { .. } => "Evaluation opens when it is over",
            Standing::Open => "Evaluation missing",
            Standing::Draft => "Evaluation begun, not submitted",
            Standing::Submitted => "Evaluated",
        }),
        "source": link.source.filter(|_| link.is_over(now) && !link.shares.is_empty()).and_then(|source| source_words(source, link)),
        "presenter": link.is_presenter, "no_credit": link.shares.is_empty(), "missing": missing.join(", "),
        "evaluate": missing.contains(&"evaluation"), "day": link.session.starts_at.date_in(event.zone()).to_string(),
    })
}

/// Where minutes come from, told where the person may wonder; a badge's scans at a door they know.
fn source_words(source: Source, link: &Link) -> Option<&'static str> {
    let is_webinar = link.session.kind == Kind::Webinar;
    let is_at_least = link.attended.as_ref().is_some_and(|attended| attended.is_at_least);
    match source {
        Source::Report if is_at_least => Some(
            "The minutes come from the webinar’s participant report. It has totals and not every join, so you may have been there longer.",
        ),
        Source::Report => Some("The minutes come from the webinar’s participant report."),
        Source::Both => Some("The minutes come from scans of your badge and from the participant report; each minute counts once."),
        Source::Scan if is_webinar => Some("The minutes come from scans of your badge."),
        Source::Attestation if is_webinar => {
            Some("You said so yourself; where a participant report with every join says otherwise, the report counts.")
        }
        Source::Scan | Source::Attestation => None,
    }
}

fn chip(link: &Link, missing: &[&str]) -> Value {
    let (kind, text) = if link.is_claimed() {
        ("yes", "Claimed")
    } else if link.shares.is_empty() {
        ("note", "No credit")
    } else if link.is_presenter {
        ("note", "You presented it")
    } else if missing.contains(&"end") {
        ("note", "Not over yet")
    } else if missing.contains(&"attendance") {
        ("wait", "Attendance not known")
    } else if missing.contains(&"evaluation") {
        ("wait", "Evaluation missing")
    } else {
        ("wait", "Ready to claim")
    };
    json!({ "kind": kind, "text": text })
}

/// The statement of accreditation of an event; none without a provider of record.
pub fn accreditation(db: &mut Db, event: &Event) -> Result<Option<String>> {
    let Some(provider) = providers::find(db, &event.id)? else { return Ok(None) };
    let filling = Filling { provider: provider.name, partners: provider.joint_with.clone(), ..Filling::default() };
    let statement = providers::statement_words(db, &event.id, ACCREDITATION, &filling)?;
    if provider.joint_with.is_empty() {
        return Ok(Some(statement));
    }
    let joint = providers::statement_words(db, &event.id, "joint_providers", &filling)?;
    Ok(Some(format!("{joint}\n\n{statement}")))
}

/// The designation statement of a credit type, one paragraph an activity.
pub fn designation(db: &mut Db, event: &Event, code: Code) -> Result<String> {
    let provider = providers::find(db, &event.id)?.map(|provider| provider.name).unwrap_or_default();
    let mut paragraphs = Vec::new();
    for one in accredited(db, &event.id)?.into_iter().filter(|one| one.kind.code == code) {
        let filling = Filling {
            provider: provider.clone(),
            format: one.activity.format.words().to_owned(),
            hundredths: one.maximum,
            uan: one.activity.uan,
            ..Filling::default()
        };
        paragraphs.push(providers::statement_words(db, &event.id, code.as_str(), &filling)?);
    }
    Ok(paragraphs.join("\n\n"))
}

/// What a session's page says about credit and independence (CEU-9).
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Notes {
    /// `AMA 1.00 · Nursing 1.00`.
    pub credit: Option<String>,
    pub disclosure: Option<String>,
    pub mitigation: Option<String>,
    pub published: Option<String>,
    pub accreditation: Option<String>,
}

/// The notes of a session: what it is designated for, what its faculty disclosed and when, by whom it is accredited.
pub fn notes(db: &mut Db, event: &Event, session: &Session) -> Result<Notes> {
    let all = accredited(db, &event.id)?;
    let shares = all.iter().filter_map(|one| Some((one.kind.code, one.rule.terms().credit(one.minutes_of(&session.id)?))));
    let words: Vec<String> = shares.map(|(code, hundredths)| format!("{} {}", short(code), hundredths_words(hundredths))).collect();
    let newest = disclosures::of_session(db, &session.id)?;
    let said = newest.as_ref().map(|newest| {
        if newest.nothing_to_disclose {
            "Nobody who planned or presents this session has a relevant financial relationship with an ineligible company.".to_owned()
        } else {
            newest.words.clone()
        }
    });
    Ok(Notes {
        credit: (!words.is_empty()).then(|| words.join(" · ")),
        disclosure: said,
        mitigation: newest.as_ref().map(|newest| newest.mitigation.clone()).filter(|words| !words.is_empty()),
        published: newest.map(|newest| days::instant_words(newest.published_at, event.zone())),
        accreditation: if words.is_empty() { None } else { accreditation(db, event)? },
    })
}

fn short(code: Code) -> &'static str {
    match code {
        Code::Ama => "AMA",
        Code::Ancc => "Nursing",
        Code::Acpe => "Pharmacy",
        Code::Ipce => "IPCE",
        Code::Aapa => "AAPA",
        Code::Cphq => "CPHQ",
        Code::Cpps => "CPPS",
        Code::Aswb => "Social work",
        Code::Attendance => "Attendance",
    }
}
