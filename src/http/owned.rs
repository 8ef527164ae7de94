//! Whose registration an address names: the signed-in attendee's own, or one that staff may see or change.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::asker::{Asker, AttendeeOnly, Permit, app_of, asker_of};
use super::gate::Gate;
use crate::app::Actor;
use crate::db::Db;
use crate::error::{Door, Error, Result};
use crate::events::{self, Event};
use crate::people::Person;
use crate::registration::{self, Registration};
use crate::staff::Permission;

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

/// A handler's demand that the registration in the address is the asker's own, or that staff with this
/// permission for its event ask. To everybody else it is not there.
pub struct Owned<P: Permit> {
    pub registration: Registration,
    pub event: Event,
    actor: Actor,
    permission: PhantomData<P>,
}

impl<P: Permit> Owned<P> {
    /// The attendee where the registration is their own, otherwise staff.
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }
}

impl<P: Permit> FromRequest for Owned<P> {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, deciding) = (request.clone(), Gate::close(request));
        Box::pin(async move {
            let _deciding = deciding;
            let asker = asker_of(&request).await?;
            if asker.attendee.is_none() && asker.staff.is_none() {
                return Err(Error::SignInFirst(Door::Attendee));
            }
            let (registration, event) = find_named(&request).await?;
            let actor = actor_for(&asker, &registration, &event, P::PERMISSION)?;
            Ok(Self { registration, event, actor, permission: PhantomData })
        })
    }
}

fn actor_for(asker: &Asker, registration: &Registration, event: &Event, permission: Permission) -> Result<Actor> {
    if let Some(person) = asker.attendee.as_ref().filter(|person| person.id == registration.person_id) {
        return Ok(Actor::Attendee(person.id.clone()));
    }
    // A scanning device sees nobody, whatever its role.
    let staff = asker.staff.as_ref().filter(|staff| !staff.is_device()).ok_or(Error::NotFound)?;
    if staff.may(permission, &event.id) {
        return Ok(staff.actor.clone());
    }
    Err(if staff.may(Permission::SeePeople, &event.id) { Error::Forbidden } else { Error::NotFound })
}

/// A handler's demand that an attendee is signed in and the registration in the address is their own.
pub struct Mine {
    pub person: Person,
    pub registration: Registration,
    pub event: Event,
    pub asker: Asker,
}

impl Mine {
    pub fn actor(&self) -> Actor {
        Actor::Attendee(self.person.id.clone())
    }
}

impl FromRequest for Mine {
    type Error = Error;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let attendee = AttendeeOnly::from_request(request, payload);
        let (request, deciding) = (request.clone(), Gate::close(request));
        Box::pin(async move {
            let _deciding = deciding;
            let AttendeeOnly { person, asker } = attendee.await?;
            let (registration, event) = find_named(&request).await?;
            if registration.person_id != person.id {
                return Err(Error::NotFound);
            }
            Ok(Self { person, registration, event, asker })
        })
    }
}

async fn find_named(request: &HttpRequest) -> Result<(Registration, Event)> {
    let code = request.match_info().get("registration").unwrap_or_default().to_owned();
    app_of(request)?
        .read(move |db: &mut Db| {
            let registration = registration::get(db, &code)?;
            let event = events::get_by_id(db, &registration.event_id)?;
            Ok((registration, event))
        })
        .await
}
