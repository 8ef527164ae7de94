//! Credit as programs see it: the chain of evidence, and claims.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::admin::permits;
use super::certificates::rules::{Status, grouped};
use super::certificates::{self, Whole, issuing::Settled, views::verify_url};
use super::chain::{self, Chain, Link};
use super::claims::{self, Wanted};
use super::evidence::Source;
use super::rules::{Code, claims_close_at, hundredths_words, parse_hundredths};
use crate::app::App;
use crate::clock::Instant;
use crate::enrollment::queries::Standing;
use crate::error::{Checks, Result};
use crate::evaluations::api::QuestionDetail;
use crate::evaluations::{forms, rules as asking};
use crate::events::Event;
use crate::http::asker::permit;
use crate::http::{Answer, JsonBody, Owned, idempotency};

/// What one credit type makes of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionCredit {
    pub credit_type: Code,
    /// Educational minutes of the session, and those of them that count.
    pub of: i64,
    pub counted: i64,
    /// Minutes needed for any credit; null where every minute counts.
    pub needed: Option<i64>,
    /// The most that a claim's line may ask.
    #[schema(example = "1.00")]
    pub claimable: String,
    /// What was claimed.
    #[schema(example = "1.00")]
    pub claimed: Option<String>,
}

/// One session of the chain: seat, minutes, rule, evaluation, claim.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditSession {
    #[schema(example = "B1")]
    pub session: String,
    pub title: String,
    pub starts_at: String,
    pub ends_at: String,
    /// `enrolled`, `included` or `waitlisted`; null for who was only seen there.
    pub seat: Option<&'static str>,
    /// `scan`, `report` (a webinar’s participant report), `scan_and_report` or `attestation`; null without evidence.
    pub evidence: Option<&'static str>,
    /// Minutes attended.
    pub minutes: i64,
    /// Nobody scanned the way out, so the last stay was taken to have lasted.
    pub assumed_end: bool,
    /// `not_open`, `open`, `draft` or `submitted`; null where nothing is asked.
    pub evaluation: Option<&'static str>,
    pub presenter: bool,
    pub credits: Vec<SessionCredit>,
    /// What is still missing before its credit is claimed: `end`, `attendance`, `evaluation`, `claim`.
    pub missing: Vec<&'static str>,
    /// The last second in which it may be claimed; null when claims never close.
    pub closes_at: Option<String>,
}

/// What one credit type makes of an activity.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditTotal {
    pub credit_type: Code,
    pub name: &'static str,
    pub activity: String,
    /// The rule in words.
    pub rule: String,
    #[schema(example = "12.00")]
    pub maximum: String,
    #[schema(example = "1.75")]
    pub earned: String,
    #[schema(example = "0.00")]
    pub claimed: String,
}

/// A certificate and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainCertificate {
    #[schema(example = "7K3M9-PQRST-VWXYZ-23456")]
    pub serial: String,
    pub status: Status,
    pub version: i32,
    pub credit_type: Code,
    #[schema(example = "1.75")]
    pub credits: String,
}

impl ChainCertificate {
    fn of(whole: &Whole) -> Result<Self> {
        let (version, _) = whole.newest()?;
        let printed = version.read()?;
        let (credit_type, credits) = (printed.code, printed.amount());
        Ok(Self { serial: whole.number(), status: whole.status(), version: version.version, credit_type, credits })
    }
}

/// Everything about a registration's credit.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreditChain {
    pub registration: String,
    pub open: bool,
    /// The last second in which this person may claim; null when claims never close.
    pub closes_at: Option<String>,
    pub sessions: Vec<CreditSession>,
    pub totals: Vec<CreditTotal>,
    /// What was issued; `GET …/certificates` tells more.
    pub certificates: Vec<ChainCertificate>,
    /// The evaluation of the event as a whole; null where nothing is asked.
    pub overall_evaluation: Option<&'static str>,
    /// What an evaluation of a session asks, and what that of the whole event asks.
    pub session_questions: Vec<QuestionDetail>,
    pub overall_questions: Vec<QuestionDetail>,
}

fn standing_word(standing: asking::Standing) -> &'static str {
    match standing {
        asking::Standing::NotOpen { .. } => "not_open",
        asking::Standing::Open => "open",
        asking::Standing::Draft => "draft",
        asking::Standing::Submitted => "submitted",
    }
}

/// What is missing of a link, in the order of the chain.
pub fn missing(link: &Link, now: Instant) -> Vec<&'static str> {
    if link.shares.is_empty() || link.is_presenter || link.is_claimed() {
        return Vec::new();
    }
    if !link.is_over(now) {
        return vec!["end"];
    }
    let is_evaluated = link.evaluation.is_none_or(|standing| standing == asking::Standing::Submitted);
    let all = [(!link.has_evidence(), "attendance"), (!is_evaluated, "evaluation"), (true, "claim")];
    all.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, word)| word).collect()
}

fn last_second(event: &Event, closes: Option<Instant>) -> Option<String> {
    closes.map(|at| at.minus(chrono::Duration::seconds(1)).rfc3339_in(event.zone()))
}

fn session(event: &Event, link: &Link, now: Instant) -> CreditSession {
    let credit = |share: &chain::Share| SessionCredit {
        credit_type: share.code,
        of: share.of,
        counted: share.counted,
        needed: share.needed,
        claimable: hundredths_words(share.most),
        claimed: share.claimed.map(hundredths_words),
    };
    CreditSession {
        session: link.session.code.clone(),
        title: link.session.title.clone(),
        starts_at: link.session.starts_at.rfc3339_in(event.zone()),
        ends_at: link.session.ends_at.rfc3339_in(event.zone()),
        seat: link.seat.map(|seat| match seat {
            Standing::Enrolled => "enrolled",
            Standing::Included => "included",
            Standing::Waiting(_) => "waitlisted",
        }),
        evidence: link.source.map(Source::as_str),
        minutes: link.attended.as_ref().map_or(0, |attended| attended.minutes),
        assumed_end: link.attended.as_ref().is_some_and(|attended| attended.is_assumed),
        evaluation: link.evaluation.map(standing_word),
        presenter: link.is_presenter,
        credits: link.shares.iter().map(credit).collect(),
        missing: missing(link, now),
        closes_at: last_second(event, link.closes_at),
    }
}

/// The chain of evidence of a registration, session by session.
#[utoipa::path(get, path = "/api/v1/registrations/{registration}/credits", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    responses((status = 200, description = "The chain.", body = CreditChain)))]
pub async fn show(app: web::Data<App>, owned: Owned<permit::SeePeople>) -> Result<HttpResponse> {
    let now = app.now();
    let Owned { registration, event, .. } = owned;
    let (own, of) = (event.clone(), registration.clone());
    let (chain, held, asked): (Chain, Vec<Whole>, Vec<Vec<QuestionDetail>>) = app
        .read(move |db| {
            let chain = chain::of_registration(db, &own, &of, now)?;
            let mut asked = Vec::new();
            for scope in asking::Scope::ALL {
                let form = forms::current(db, &own.id, *scope)?;
                asked.push(form.map(|(_, questions)| questions.iter().map(QuestionDetail::of).collect()).unwrap_or_default());
            }
            Ok((chain, certificates::of_registration(db, &of.id)?, asked))
        })
        .await?;
    let mut asked = asked.into_iter();
    let total = |total: &chain::Total| CreditTotal {
        credit_type: total.code,
        name: total.code.known().name,
        activity: total.activity.clone(),
        rule: total.rule.clone(),
        maximum: hundredths_words(total.maximum),
        earned: hundredths_words(total.earned),
        claimed: hundredths_words(total.claimed),
    };
    Answer::ok(&CreditChain {
        open: chain.is_open(&event, now),
        closes_at: last_second(&event, chain.last_day.map(|day| claims_close_at(day, event.zone()))),
        sessions: chain.links.iter().map(|link| session(&event, link, now)).collect(),
        totals: chain.totals.iter().map(total).collect(),
        certificates: held.iter().map(ChainCertificate::of).collect::<Result<_>>()?,
        overall_evaluation: chain.overall.map(standing_word),
        session_questions: asked.next().unwrap_or_default(),
        overall_questions: asked.next().unwrap_or_default(),
        registration: registration.code,
    })
}

/// A claim.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequest {
    #[schema(example = "ama")]
    pub credit_type: String,
    pub lines: Vec<ClaimRequestLine>,
}

/// A session that is claimed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRequestLine {
    #[schema(example = "B1")]
    pub session: String,
    /// Credits or contact hours, with at most two decimals.
    #[schema(example = "1.00")]
    pub credits: String,
}

/// What was awarded.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimAnswer {
    #[schema(example = "awarded")]
    pub status: &'static str,
    pub credit_type: String,
    /// What this claim awarded, over all of its activities.
    #[schema(example = "1.00")]
    pub credits: String,
    /// The certificate that says so; left out while something is missing, such as the evaluation of the whole event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<IssuedCertificate>,
}

/// A certificate that was issued, or got a new version.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssuedCertificate {
    #[schema(example = "7K3M9-PQRST-VWXYZ-23456")]
    pub serial: String,
    /// The PDF, for its owner and for staff.
    pub url: String,
    /// The public page that shows what was issued.
    pub verify_url: String,
}

impl IssuedCertificate {
    /// Of several, such as one for each pharmacy activity, the first.
    fn of(base_url: &str, registration: &str, settled: &Settled) -> Option<Self> {
        let one = settled.issued.iter().chain(&settled.renewed).next()?;
        let serial = grouped(&one.serial);
        Some(Self {
            url: format!("{base_url}/api/v1/registrations/{registration}/certificates/{serial}/pdf"),
            verify_url: verify_url(base_url, &one.serial, None),
            serial,
        })
    }
}

/// Claims credit. Refused with 409: `credits.claims_closed` (tested before everything else, and binding staff too
/// unless there is an extension), `credits.overlap`, `credits.not_attended`, `credits.evaluation_missing`,
/// `credits.above_maximum`, and others that say in words what they mind.
#[utoipa::path(post, path = "/api/v1/registrations/{registration}/claims", tag = "credit", security(("token" = [])),
    params(("registration" = String, Path, description = "The registration's code.", example = "REG-7K3M9P")),
    request_body = ClaimRequest,
    responses((status = 201, description = "Awarded.", body = ClaimAnswer)))]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    owned: Owned<permits::EditCredits>,
    body: JsonBody<ClaimRequest>,
) -> Result<HttpResponse> {
    let actor = owned.actor();
    let Owned { registration, event, .. } = owned;
    let JsonBody { value: ClaimRequest { credit_type, lines }, bytes } = body;
    idempotency::write(&app, &request, &bytes, actor, move |tx| {
        // The deadline first, before anything that is wrong with the lines.
        let mut checks = Checks::new();
        let mut wanted = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let hundredths = parse_hundredths(&line.credits);
            if hundredths.is_none() {
                checks.wrong(&format!("lines[{index}].credits"), "number", format!("“{}” is no credit. Write it as 1.00.", line.credits));
            }
            wanted.push(Wanted { session: line.session.clone(), hundredths: hundredths.unwrap_or_default() });
        }
        claims::check_deadline(tx, &event, &registration, &wanted)?;
        checks.finish()?;
        let awarded = claims::claim(tx, &event, &registration, &credit_type, &wanted)?;
        let certificate = IssuedCertificate::of(&tx.site.config.base_url, &registration.code, &awarded.certificates);
        Ok((201, ClaimAnswer { status: "awarded", credits: hundredths_words(awarded.hundredths()), credit_type, certificate }))
    })
    .await
}
