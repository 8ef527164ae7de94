//! Who asks: cookies and tokens become an attendee, a staff identity, or nobody; permissions stand in handlers' signatures.

use std::future::Future;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::cookie::{Cookie, SameSite, time::Duration as CookieDuration};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::gate::Gate;
use crate::app::{Actor, App};
use crate::devices;
use crate::error::{Door, Error, Result};
use crate::events::{self, Event};
use crate::ids::{hex, mac, new_secret, same, secret_hash};
use crate::known::Known;
use crate::people::{self, Person};
use crate::staff::{self, Identity, Permission};

pub const STAFF_COOKIE: &str = "lanyard_staff";
pub const DEVICE_COOKIE: &str = "lanyard_device";
pub const ATTENDEE_COOKIE: &str = "lanyard_attendee";
pub const VISIT_COOKIE: &str = "lanyard_visit";

/// Who the bearer tokens act for that came a moment ago, by their hash: a phone's scans do not each read it again.
pub type KnownTokens = Known<String, Identity>;

/// Whoever sent this request.
#[derive(Clone)]
pub struct Asker {
    pub attendee: Option<Person>,
    pub staff: Option<Identity>,
    /// This phone was paired and is not any more: revoked, or its time is over.
    pub was_paired: bool,
    /// A random value of this browser; form tokens are made from it.
    pub visit: String,
    /// The visit is new, so the answer has to carry its cookie.
    pub visit_is_new: bool,
    /// Identified by `Authorization: Bearer`, not by cookies.
    pub by_token: bool,
    pub request_id: String,
    /// The network address, for limits.
    pub address: String,
    /// The message left by the page before, once.
    pub flash: Option<String>,
    /// Path and query, to come back to after signing in.
    pub path: String,
}

impl Asker {
    /// Nobody in particular: pages made for this asker are kept and shown to everybody, so they carry
    /// no form token and no request id.
    pub fn everybody() -> Self {
        Self {
            attendee: None,
            staff: None,
            was_paired: false,
            visit: String::new(),
            visit_is_new: false,
            by_token: false,
            request_id: String::new(),
            address: String::new(),
            flash: None,
            path: String::new(),
        }
    }

    /// Whether this is [`Asker::everybody`].
    pub fn is_everybody(&self) -> bool {
        self.visit.is_empty()
    }

    /// The token that a form of this browser has to carry.
    pub fn form_token(&self, app: &App) -> String {
        hex(&mac(&app.site.form_key, &["form", &self.visit]))
    }

    /// `StaleForm` unless the token is this browser's.
    pub fn check_form_token(&self, app: &App, token: &str) -> Result<()> {
        if !self.visit_is_new && same(&self.form_token(app), token) { Ok(()) } else { Err(Error::StaleForm) }
    }

    /// Where somebody is sent who has to be staff, or a paired phone, first.
    pub fn staff_door(&self) -> Door {
        if self.was_paired { Door::Device } else { Door::Staff }
    }

    /// Who acts when this request writes something.
    pub fn actor(&self) -> Actor {
        match (&self.staff, &self.attendee) {
            (Some(staff), _) => staff.actor.clone(),
            (None, Some(person)) => Actor::Attendee(person.id.clone()),
            (None, None) => Actor::Public,
        }
    }
}

/// A cookie of ours: out of reach for scripts, not sent by other sites, `Secure` except on plain-http loopback.
pub fn cookie(app: &App, name: &str, value: String, lasts: chrono::Duration) -> Cookie<'static> {
    Cookie::build(name.to_owned(), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(!app.site.config.is_plain_loopback())
        // By age and not by date, since the demo's clock is not the browser's.
        .max_age(CookieDuration::seconds(lasts.num_seconds()))
        .finish()
}

/// A cookie that takes another away.
pub fn removed_cookie(app: &App, name: &str) -> Cookie<'static> {
    cookie(app, name, String::new(), chrono::Duration::zero())
}

/// The id of a request, made once.
pub fn request_id(request: &HttpRequest) -> String {
    if let Some(id) = request.extensions().get::<RequestId>() {
        return id.0.clone();
    }
    let id = hex(&crate::ids::random_bytes::<8>());
    request.extensions_mut().insert(RequestId(id.clone()));
    id
}

#[derive(Clone)]
struct RequestId(String);

/// The app behind a request.
pub fn app_of(request: &HttpRequest) -> Result<App> {
    request.app_data::<Data<App>>().map(|app| app.get_ref().clone()).ok_or_else(|| Error::internal("no app"))
}

/// Finds out who asks, once per request.
pub async fn asker_of(request: &HttpRequest) -> Result<Asker> {
    if let Some(known) = request.extensions().get::<Asker>() {
        return Ok(known.clone());
    }
    let app = app_of(request)?;
    let text = |name: &str| request.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty());
    let bearer = bearer_token(request);
    let by_token = bearer.is_some();
    let has_device_cookie = text(DEVICE_COOKIE).is_some() && !by_token;
    let (attendee, staff) = match bearer {
        Some(token) => (None, Some(identity_of_token(request, &app, token).await?)),
        None => of_cookies(&app, text(ATTENDEE_COOKIE), text(STAFF_COOKIE), text(DEVICE_COOKIE)).await?,
    };
    let visit = text(VISIT_COOKIE);
    let asker = Asker {
        was_paired: has_device_cookie && staff.is_none(),
        attendee,
        staff,
        visit_is_new: visit.is_none(),
        visit: visit.unwrap_or_else(new_secret),
        by_token,
        request_id: request_id(request),
        address: network_address(request, &app.site.config.trusted_proxies),
        flash: text(super::pages::FLASH_COOKIE),
        path: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
    };
    request.extensions_mut().insert(asker.clone());
    Ok(asker)
}

/// Who a bearer token acts for. A wrong token is an answer of its own, not the same as none.
async fn identity_of_token(request: &HttpRequest, app: &App, token: String) -> Result<Identity> {
    let known = request.app_data::<Data<KnownTokens>>().ok_or_else(|| Error::internal("no known tokens"))?;
    let (hash, version, now) = (secret_hash(&token), app.access_version(), app.now());
    if let Some(identity) = known.get(&hash, version, now) {
        return Ok(identity);
    }
    let identity = app.read(move |db| staff::identity_of_token(db, &token)).await?.ok_or(Error::SignInFirst(Door::Staff))?;
    known.keep(hash, identity.clone(), version, now);
    Ok(identity)
}

async fn of_cookies(
    app: &App,
    attendee: Option<String>,
    staff: Option<String>,
    device: Option<String>,
) -> Result<(Option<Person>, Option<Identity>)> {
    if attendee.is_none() && staff.is_none() && device.is_none() {
        return Ok((None, None));
    }
    let now = app.now();
    app.read(move |db| {
        let attendee = attendee.map(|secret| people::sign_in::person_of_cookie(db, &secret, now)).transpose()?.flatten();
        let mut identity = staff.map(|secret| staff::identity_of_cookie(db, &secret, now)).transpose()?.flatten();
        // Whoever signs in on a paired phone is themselves there until they sign out.
        if let Some(secret) = device.filter(|_| identity.is_none()) {
            identity = devices::identity_of_cookie(db, &secret, now)?;
        }
        Ok((attendee, identity))
    })
    .await
}

fn bearer_token(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Where a request comes from: the peer, or what a trusted proxy says; of a chain, the last that is no proxy of ours.
fn network_address(request: &HttpRequest, proxies: &[IpAddr]) -> String {
    let Some(peer) = request.peer_addr().map(|address| address.ip()) else { return "unknown".to_owned() };
    if !proxies.contains(&peer) {
        return peer.to_string();
    }
    let said = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let chain: Vec<IpAddr> = said.flat_map(|value| value.split(',')).map_while(|one| one.trim().parse().ok()).collect();
    chain.iter().rev().find(|address| !proxies.contains(address)).unwrap_or(&peer).to_string()
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl FromRequest for Asker {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { asker_of(&request).await })
    }
}

/// A handler's demand that a person is signed in.
pub struct AttendeeOnly {
    pub person: Person,
    pub asker: Asker,
}

impl FromRequest for AttendeeOnly {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, deciding) = (request.clone(), Gate::close(request));
        Box::pin(async move {
            let _deciding = deciding;
            let asker = asker_of(&request).await?;
            let person = asker.attendee.clone().ok_or(Error::SignInFirst(Door::Attendee))?;
            Ok(Self { person, asker })
        })
    }
}

/// Names a permission in a handler's signature.
pub trait Permit: 'static {
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),+ $(,)?) => {
        /// One type per permission, for handlers' signatures: `Allowed<permit::SeePeople>`.
        pub mod permit {
            $(pub struct $name;
            impl super::Permit for $name { const PERMISSION: super::Permission = super::Permission::$name; })+
        }
    };
}

permits! {
    EnterBackOffice, SetUpEvents, EditAgenda, SeePeople, SeeAccommodation, EditRegistrations, GiveSignInCodes, RecordPayments,
    DecideDiscounts, ScanBadges, OverrideDoor, PairDevices, CorrectAttendance, EditHospitals, SeeHospitals, SeeAudit, ManageStaff, PrintBadges, HandOutBadges,
    EditLicenses, AnswerQuestions,
}

/// A handler's demand for a permission. Where the address names an event, the permission must hold for
/// that event; where it does not, a permission about one event must hold somewhere (the verb then checks
/// the event it finds), and one about the installation must hold for all events.
pub struct Allowed<P: Permit> {
    pub identity: Identity,
    pub asker: Asker,
    event: Option<Event>,
    permission: PhantomData<P>,
}

impl<P: Permit> Allowed<P> {
    /// The event that the address names.
    pub fn event(&self) -> Result<&Event> {
        self.event.as_ref().ok_or(Error::NotFound)
    }

    pub fn actor(&self) -> Actor {
        self.identity.actor.clone()
    }
}

impl<P: Permit> FromRequest for Allowed<P> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, deciding) = (request.clone(), Gate::close(request));
        Box::pin(async move {
            let _deciding = deciding;
            let asker = asker_of(&request).await?;
            let identity = asker.staff.clone().ok_or(Error::SignInFirst(asker.staff_door()))?;
            let slug = request.match_info().get("event").map(str::to_owned);
            let event = match slug {
                Some(slug) => Some(app_of(&request)?.read(move |db| events::get(db, &slug)).await?),
                None => None,
            };
            let allowed = match &event {
                Some(event) if P::PERMISSION.is_about_one_event() => identity.may(P::PERMISSION, &event.id),
                None if P::PERMISSION.is_about_one_event() => identity.may_somewhere(P::PERMISSION),
                _ => identity.may_everywhere(P::PERMISSION),
            };
            if !allowed {
                return Err(Error::Forbidden);
            }
            Ok(Self { identity, asker, event, permission: PhantomData })
        })
    }
}
