//! Permission is answered before anything that is wrong with a body: what a body has to complain of waits at a gate.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::Notify;

/// Closed while it is found out whether who asks may ask this.
#[derive(Clone, Default)]
pub struct Gate(Rc<State>);

#[derive(Default)]
struct State {
    deciding: Cell<usize>,
    bell: Notify,
}

/// Keeps the gate of a request closed until it is dropped.
pub struct Closed(Gate);

impl Gate {
    fn of(request: &HttpRequest) -> Self {
        if let Some(gate) = request.extensions().get::<Self>() {
            return gate.clone();
        }
        let gate = Self::default();
        request.extensions_mut().insert(gate.clone());
        gate
    }

    /// Closes the gate of a request while a permission is looked up.
    pub fn close(request: &HttpRequest) -> Closed {
        let gate = Self::of(request);
        gate.0.deciding.set(gate.0.deciding.get() + 1);
        Closed(gate)
    }

    /// Waits until every permission that the handler demands was found.
    pub async fn pass(request: &HttpRequest) {
        let gate = Self::of(request);
        while gate.0.deciding.get() > 0 {
            gate.0.bell.notified().await;
        }
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        let State { deciding, bell } = &*self.0.0;
        deciding.set(deciding.get().saturating_sub(1));
        bell.notify_waiters();
    }
}
