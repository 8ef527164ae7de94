//! `Idempotency-Key`: once, whatever is sent again, on both databases.

use crate::on_both;
use crate::support::app::TestApp;
use lanyard::answers;
use lanyard::app::Actor;
use lanyard::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn once(app: &TestApp, id: &str, body: &str, runs: &Arc<AtomicUsize>) -> Result<(u16, String)> {
    let (id, body, runs) = (id.to_owned(), body.to_owned(), runs.clone());
    app.write_here(Actor::Public, move |tx| {
        answers::once(tx, &id, &body, |_| Ok((201, format!("run {}", runs.fetch_add(1, Ordering::SeqCst)))))
    })
}

on_both! {
    async fn the_same_key_and_body_give_the_same_answer_for_a_day(app) {
        let runs = Arc::new(AtomicUsize::new(0));
        assert_eq!(once(app, "k", "a", &runs).unwrap(), (201, "run 0".to_owned()));
        app.wait_minutes(24 * 60);
        assert_eq!(once(app, "k", "a", &runs).unwrap(), (201, "run 0".to_owned()));
        app.wait_minutes(1);
        assert_eq!(once(app, "k", "a", &runs).unwrap(), (201, "run 1".to_owned()));
    }

    async fn the_same_key_with_another_body_is_refused(app) {
        let runs = Arc::new(AtomicUsize::new(0));
        once(app, "k", "a", &runs).unwrap();
        let Err(Error::Invalid(errors)) = once(app, "k", "b", &runs) else { panic!("another body was taken") };
        assert_eq!(errors[0].code, "idempotency_mismatch");
        once(app, "another key", "b", &runs).unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }

    async fn a_write_that_failed_may_be_tried_again_under_its_key(app) {
        let failed: Result<(u16, String)> =
            app.write_here(Actor::Public, |tx| answers::once(tx, "k", "a", |_| Err(Error::refused("x.no", "No."))));
        assert!(matches!(failed, Err(Error::Refused { .. })));
        assert_eq!(once(app, "k", "b", &Arc::new(AtomicUsize::new(0))).unwrap().0, 201);
    }

    async fn of_many_writes_with_one_key_at_once_one_is_done(app) {
        let runs = Arc::new(AtomicUsize::new(0));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..40)
                .map(|_| {
                    let (app, runs) = (app.app(), runs.clone());
                    scope.spawn(move || {
                        app.write_here(Actor::Public, move |tx| {
                            answers::once(tx, "k", "a", |_| Ok((201, format!("run {}", runs.fetch_add(1, Ordering::SeqCst)))))
                        })
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        assert!(answers.iter().all(|answer| *answer == (201, "run 0".to_owned())), "{answers:?}");
    }

    async fn answers_older_than_a_day_are_forgotten(app) {
        once(app, "k", "a", &Arc::new(AtomicUsize::new(0))).unwrap();
        app.wait_minutes(24 * 60);
        assert_eq!(app.must(answers::forget_old), 0);
        app.wait_minutes(1);
        assert_eq!(app.must(answers::forget_old), 1);
    }
}
