//! Credit of the demo: an invented provider, designations made before anything began, disclosures, and the ready questions.

use super::people::congress;
use crate::agenda::{self, Kind, Session};
use crate::app::Tx;
use crate::credits::activities::{self, ActivityDraft};
use crate::credits::disclosures::{self, DisclosureDraft};
use crate::credits::providers::{self, ProviderDraft};
use crate::credits::rules::{Code, hundredths_words};
use crate::credits::types;
use crate::error::Result;
use crate::evaluations::forms;
use crate::reports::settings::{self, SettingDraft};

/// The credit types of the congress.
const TYPES: [Code; 7] = [Code::Ama, Code::Ancc, Code::Acpe, Code::Ipce, Code::Cphq, Code::Cpps, Code::Attendance];

/// The sessions that pharmacy takes, each an activity of its own.
const PHARMACY: [(&str, &str); 2] = [("K1", "0999-9999-26-101-L05-P"), ("B1", "0999-9999-26-102-L05-P")];

/// A full day has so many minutes of breaks and lunch.
const BREAKS: i64 = 90;

/// Sets credit up for the congress, as education staff did long before.
pub fn set_up(tx: &mut Tx<'_>) -> Result<()> {
    let event = congress(tx)?;
    forms::take_ready_set(tx, &event)?;
    providers::save(tx, &event, &provider())?;
    for code in TYPES {
        types::switch_on(tx, &event, code)?;
    }
    let all = agenda::list(tx.db, &event.id)?;
    let accredited: Vec<&Session> =
        all.iter().filter(|session| matches!(session.kind, Kind::Keynote | Kind::General | Kind::Breakout | Kind::Workshop)).collect();
    let lines: Vec<String> = accredited.iter().map(|session| format!("{} {}", session.code, minutes(session))).collect();
    let maximum = hundredths_words(most(&accredited));
    let congress = ActivityDraft {
        code: "STC-26".to_owned(),
        title: event.name.clone(),
        format: "live".to_owned(),
        pars_id: "202600001".to_owned(),
        sessions: lines.join("\n"),
        maximums: TYPES.iter().filter(|code| **code != Code::Acpe).map(|code| format!("{code} {maximum}")).collect(),
        ..ActivityDraft::default()
    };
    activities::save(tx, &event, None, &congress)?;
    for (code, uan) in PHARMACY {
        let session = agenda::get(tx.db, &event.id, code)?;
        let draft = ActivityDraft {
            code: format!("STC-26-{code}"),
            title: session.title.clone(),
            format: "live".to_owned(),
            uan: uan.to_owned(),
            sessions: code.to_owned(),
            maximums: vec![format!("acpe {}", hundredths_words(minutes(&session) * 100 / 60))],
            ..ActivityDraft::default()
        };
        activities::save(tx, &event, None, &draft)?;
    }
    settings::save(tx, &event, &numbers())?;
    for session in accredited {
        disclosures::publish(tx, &event, session, &disclosure(session))?;
    }
    Ok(())
}

/// Who is accredited, at the congress and in the series.
pub(super) fn provider() -> ProviderDraft {
    ProviderDraft {
        name: "Safer Together Institute for Continuing Education".to_owned(),
        address: "400 Lantern Quay\nPort Alder, California 90000".to_owned(),
        web_address: "https://education.congress.example".to_owned(),
        accme_number: "0999999".to_owned(),
        acpe_number: "0999".to_owned(),
        ancc_number: "P9999".to_owned(),
        cep_number: "CEP 99999".to_owned(),
        signatory: "Edda Marchetti".to_owned(),
        signatory_post: "Director of Continuing Education".to_owned(),
        ..ProviderDraft::default()
    }
}

/// What CE Broker knows the provider and the activities by.
fn numbers() -> SettingDraft {
    let pharmacy = PHARMACY.iter().zip(990_102..).map(|((code, _), number)| format!("STC-26-{code} 20-{number} PS"));
    let courses: Vec<String> = std::iter::once("STC-26 20-990101 PS".to_owned()).chain(pharmacy).collect();
    SettingDraft { ce_broker_provider: "50-99999".to_owned(), courses: courses.join("\n"), ..SettingDraft::default() }
}

fn minutes(session: &Session) -> i64 {
    let length = session.ends_at.since(session.starts_at).num_minutes();
    if length > 240 { length - BREAKS } else { length }
}

/// The most that one person can attend, in hundredths: of sessions at the same time the longest counts.
fn most(sessions: &[&Session]) -> i64 {
    let (mut total, mut until) = (0, None);
    for session in sessions {
        if until.is_none_or(|until| session.starts_at >= until) {
            total += minutes(session);
            until = Some(session.ends_at);
        }
    }
    total * 100 / 60 / 25 * 25
}

fn disclosure(session: &Session) -> DisclosureDraft {
    if session.code != "B2" {
        return DisclosureDraft { nothing_to_disclose: true, ..DisclosureDraft::default() };
    }
    DisclosureDraft {
        words: "One presenter was a paid adviser of Tideglass Infusion until 2024.".to_owned(),
        mitigation: "The content was reviewed by somebody without a relationship before it was accepted.".to_owned(),
        ..DisclosureDraft::default()
    }
}
