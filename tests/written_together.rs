//! Writes that share a transaction and writes that come alone: one that fails takes nobody with it and leaves nothing behind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use lanyard::app::{Actor, Tx};
use lanyard::demo::mark;
use lanyard::error::{Error, Result};
use lanyard::together::Together;

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::visitor::at_once;

/// What the callers of one test share.
#[derive(Default)]
struct House {
    is_open: Mutex<bool>,
    opened: Condvar,
    /// How often a group was done, and how often again.
    groups: AtomicUsize,
    again: AtomicUsize,
}

#[derive(Clone)]
struct Guest {
    name: String,
    house: Arc<House>,
}

/// Writes everybody's name, and fails as a whole where one of them is bad, after it wrote.
fn all_or_nobody(tx: &mut Tx<'_>, guests: &[Guest]) -> Result<Vec<Result<String>>> {
    let house = &guests[0].house;
    let mut is_open = house.is_open.lock().unwrap();
    while !*is_open {
        is_open = house.opened.wait(is_open).unwrap();
    }
    drop(is_open);
    house.groups.fetch_add(1, Ordering::SeqCst);
    for guest in guests {
        mark::set(tx, &guest.name, "together")?;
    }
    if guests.iter().any(|guest| guest.name == "bad") {
        return Err(Error::invalid("name", "bad", "A bad guest."));
    }
    Ok(guests.iter().map(|guest| Ok(guest.name.clone())).collect())
}

/// Writes one after the other, each in a savepoint.
fn one_by_one(tx: &mut Tx<'_>, guests: &[Guest]) -> Result<Vec<Result<String>>> {
    guests[0].house.again.fetch_add(1, Ordering::SeqCst);
    let one = |guest: &Guest| {
        tx.savepoint(|tx| {
            mark::set(tx, &guest.name, "again")?;
            if guest.name == "bad" { Err(Error::invalid("name", "bad", "A bad guest.")) } else { Ok(guest.name.clone()) }
        })
    };
    Ok(guests.iter().map(one).collect())
}

fn kept(app: &TestApp, name: &str) -> Option<String> {
    app.look(|db| mark::get(db, name))
}

on_both! {
    async fn a_group_that_fails_as_a_whole_is_done_again_and_everyone_else_gets_their_answer(app) {
        let (house, line) = (Arc::new(House::default()), Arc::new(Together::new(all_or_nobody, one_by_one)));
        let names = ["first", "ada", "bo", "bad", "cy", "dee"];
        let coming = |name: &&'static str| {
            let (line, app, guest) = (Arc::clone(&line), app.app(), Guest { name: (*name).to_owned(), house: Arc::clone(&house) });
            async move { line.write(&app, guest).await }
        };
        let door = Arc::clone(&house);
        // The last of them opens: until then the first group cannot end, and the others gather.
        let opens = async move {
            *door.is_open.lock().unwrap() = true;
            door.opened.notify_all();
            Ok("opened".to_owned())
        };
        let mut all: Vec<std::pin::Pin<Box<dyn Future<Output = Result<String>>>>> = Vec::new();
        for name in &names {
            all.push(Box::pin(coming(name)));
        }
        all.push(Box::pin(opens));
        let answers = at_once(all).await;
        for (name, answer) in names.iter().zip(&answers) {
            match answer {
                Err(Error::Invalid(_)) if *name == "bad" => {}
                Ok(told) if *name != "bad" => assert_eq!(told, name),
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(house.again.load(Ordering::SeqCst), 1, "after {} groups", house.groups.load(Ordering::SeqCst));
        assert_eq!(kept(app, "bad"), None);
        for name in ["ada", "bo", "cy", "dee"] {
            assert_eq!(kept(app, name).as_deref(), Some("again"), "{name}");
        }
        // The line goes on.
        let next = line.write(&app.app(), Guest { name: "eve".to_owned(), house: Arc::clone(&house) }).await;
        assert_eq!((next.unwrap().as_str(), kept(app, "eve").as_deref()), ("eve", Some("together")));
        // Whoever comes alone hears why at once.
        let alone = line.write(&app.app(), Guest { name: "bad".to_owned(), house: Arc::clone(&house) }).await;
        assert!(matches!(alone, Err(Error::Invalid(_))), "{alone:?}");
        assert_eq!((kept(app, "bad"), house.again.load(Ordering::SeqCst)), (None, 1));
    }

    async fn a_write_that_comes_alone_and_fails_after_it_wrote_leaves_nothing_behind(app) {
        for round in 0..3 {
            let fails = app.write_here(Actor::Public, |tx| -> Result<()> {
                mark::set(tx, "half", "written")?;
                assert_eq!(mark::get(tx.db, "half")?.as_deref(), Some("written"));
                Err(Error::refused("test.no", "No."))
            });
            assert!(matches!(fails, Err(Error::Refused { .. })), "{fails:?}");
            assert_eq!(kept(app, "half"), None, "round {round}");
            let panics = app.write_here(Actor::Public, |tx| -> Result<()> {
                mark::set(tx, "half", "written")?;
                panic!("in the middle of a write")
            });
            assert!(panics.is_err());
            assert_eq!(kept(app, "half"), None, "round {round}");
            let name = format!("whole {round}");
            app.must({
                let name = name.clone();
                move |tx| mark::set(tx, &name, "written")
            });
            assert_eq!(kept(app, &name).as_deref(), Some("written"), "the next write stands");
        }
    }
}
