//! Staff sign in, set their password by a link, and manage accounts and tokens.

use crate::on_both;
use crate::support::app::TestApp;
use crate::support::visitor::Visitor;
use lanyard::http::asker::STAFF_COOKIE;
use lanyard::staff::{self, PURPOSE_PASSWORD, PURPOSE_SIGN_IN, Role, SETUP_LINK};

const EMAIL: &str = "renee@congress.example";
const PASSWORD: &str = "four words in a row";

/// An account and the secret of a link to set its password.
fn account(app: &TestApp, role: Role) -> String {
    app.must(move |tx| {
        let id = staff::add(tx, EMAIL, "Renée Whitcombe", role, None)?;
        staff::new_link(tx, &id, PURPOSE_PASSWORD, SETUP_LINK)
    })
}

async fn account_with_password(app: &TestApp, role: Role) {
    let secret = account(app, role);
    let visitor = app.visitor().await;
    visitor.open(&format!("/staff/links/{secret}")).await;
    visitor.submit("/staff/links/", &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(303);
}

async fn try_password(visitor: &Visitor, email: &str, password: &str) -> crate::support::visitor::Answer {
    visitor.open("/staff/sign-in").await;
    visitor.submit("/staff/sign-in", &[("email", email), ("password", password)]).await
}

on_both! {
    async fn a_link_sets_the_password_once_and_opening_it_never_uses_it_up(app) {
        let secret = account(app, Role::Registrar);
        let path = format!("/staff/links/{secret}");
        let visitor = app.visitor().await;
        for _ in 0..3 {
            visitor.open(&path).await.says("Renée Whitcombe").says(EMAIL);
        }
        visitor.submit("/staff/links/", &[("password", "short"), ("again", "short")]).await.expect(422).says("at least 12 characters");
        visitor.submit("/staff/links/", &[("password", EMAIL), ("again", EMAIL)]).await.expect(422).says("known to others");
        visitor.submit("/staff/links/", &[("password", PASSWORD), ("again", "something else")]).await.expect(422).says("differs");
        visitor.submit("/staff/links/", &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(303);
        assert!(visitor.cookie(STAFF_COOKIE).is_some());
        visitor.get(&path).await.expect(410).says("no longer works");
        let other = app.visitor().await;
        other.open("/staff/sign-in").await;
        other.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(410);
        try_password(&other, "Renee@Congress.example ", PASSWORD).await.expect(303);
    }

    async fn setting_a_password_ends_every_sign_in_and_every_other_link(app) {
        let first = account(app, Role::Registrar);
        let second = account(app, Role::Registrar);
        let signed_in = app.must(|tx| {
            let member = staff::find_by_email(tx.db, EMAIL)?.ok_or(lanyard::error::Error::NotFound)?;
            staff::sign_in(tx, &member.id)
        });
        let old = app.visitor().await;
        old.set_cookie(STAFF_COOKIE, &signed_in);
        old.open("/staff").await;
        let visitor = app.visitor().await;
        visitor.open(&format!("/staff/links/{first}")).await;
        visitor.submit("/staff/links/", &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(303);
        old.get("/staff").await.expect(303);
        visitor.get(&format!("/staff/links/{second}")).await.expect(410);
    }

    async fn a_link_is_too_old_after_seven_days(app) {
        let secret = account(app, Role::Registrar);
        app.wait_minutes(7 * 24 * 60 - 1);
        let visitor = app.visitor().await;
        visitor.open(&format!("/staff/links/{secret}")).await;
        app.wait_minutes(1);
        visitor.get(&format!("/staff/links/{secret}")).await.expect(410);
    }

    async fn a_wrong_password_and_an_unknown_account_hear_the_same(app) {
        account_with_password(app, Role::Registrar).await;
        let visitor = app.visitor().await;
        let wrong = try_password(&visitor, EMAIL, "not this one at all").await.expect(422);
        let unknown = try_password(&visitor, "nobody@congress.example", "not this one at all").await.expect(422);
        // The number of the request differs with every answer.
        let read = |text: String| text.split("Request").next().unwrap_or_default().to_owned();
        assert_eq!(read(wrong.says("do not belong together").text()), read(unknown.text()));
        assert!(visitor.cookie(STAFF_COOKIE).is_none());
    }

    async fn too_many_passwords_for_one_account_must_wait_whoever_tries(app) {
        account_with_password(app, Role::Registrar).await;
        let mut last = 0;
        for _ in 0..9 {
            let visitor = app.visitor().await;
            last = try_password(&visitor, EMAIL, "not this one at all").await.status;
        }
        assert_eq!(last, 429);
        let visitor = app.visitor().await;
        let refused = try_password(&visitor, EMAIL, PASSWORD).await.expect(429);
        assert!(refused.header("retry-after").is_some());
    }

    async fn one_goes_on_to_the_page_that_was_asked_for_and_never_to_another_site(app) {
        account_with_password(app, Role::Owner).await;
        let visitor = app.visitor().await;
        visitor.get("/staff/members?x=1").await.expect(303);
        visitor.follow().await.expect(200).says("Sign in to the back office");
        let answer = visitor.submit("/staff/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await.expect(303);
        assert_eq!(answer.location(), "/staff/members?x=1");
        let other = app.visitor().await;
        other.open("/staff/sign-in?next=//evil.example/").await;
        let answer = other.post("/staff/sign-in", &[("email", EMAIL), ("password", PASSWORD), ("next", "/\\evil.example")]).await.expect(303);
        assert_eq!(answer.location(), "/staff");
    }

    async fn signing_out_ends_the_sign_in_itself(app) {
        let visitor = app.as_staff(Role::Owner).await;
        let secret = visitor.cookie(STAFF_COOKIE).unwrap();
        visitor.open("/staff").await;
        visitor.submit("/staff/sign-out", &[]).await.expect(303);
        visitor.set_cookie(STAFF_COOKIE, &secret);
        visitor.get("/staff").await.expect(303);
    }

    async fn sign_in_links_exist_in_the_demo_only(app) {
        let secret = app.must(|tx| {
            let id = staff::add(tx, EMAIL, "Renée", Role::Registrar, None)?;
            staff::new_link(tx, &id, PURPOSE_SIGN_IN, SETUP_LINK)
        });
        app.visitor().await.get(&format!("/staff/enter/{secret}")).await.expect(404);
        app.visitor().await.get(&format!("/staff/links/{secret}")).await.expect(410);
    }

    async fn an_owner_adds_somebody_and_the_link_is_mailed_and_shown_once(app) {
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/members").await;
        let bad = owner.submit("/staff/members", &[("name", " "), ("email", "nobody")]).await.expect(422);
        bad.says("Enter the name").says("complete e-mail address");
        let fields = [("name", "Priya Nair"), ("email", "priya@congress.example"), ("role", "onsite"), ("event", "")];
        let shown = owner.submit("/staff/members", &fields).await.expect(200).says("shown here only this once");
        let letter = app.expect_letter("priya@congress.example", "staff_link");
        let text = String::from_utf8(letter.part("text/plain").unwrap().body.clone()).unwrap();
        let link = text.split_whitespace().find(|word| word.contains("/staff/links/")).unwrap().to_owned();
        assert!(shown.text().contains(&link));
        let priya = app.visitor().await;
        priya.open(&link).await;
        priya.submit("/staff/links/", &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(303);
        owner.open("/staff/members").await.says("Priya Nair").says("On site, all events").says("Active");
        priya.get("/staff/members").await.expect(403);
    }

    async fn a_disabled_account_is_out_at_once_and_the_last_owner_stays(app) {
        account_with_password(app, Role::Registrar).await;
        let renee = app.visitor().await;
        try_password(&renee, EMAIL, PASSWORD).await.expect(303);
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/members").await;
        owner.click("Renée Whitcombe").await.expect(200);
        owner.submit("disabling", &[]).await.expect(303);
        owner.follow().await.says("Disabled");
        renee.get("/staff").await.expect(303);
        try_password(&renee, EMAIL, PASSWORD).await.expect(422);
        owner.open("/staff/members").await;
        owner.click("Sam owner").await.expect(200);
        owner.submit("disabling", &[]).await.expect(303);
        owner.follow().await.expect(200).says("last owner");
        owner.submit("removal", &[]).await.expect(303);
        owner.follow().await.expect(200).says("last owner");
    }

    async fn a_token_is_shown_once_and_revoked_for_good(app) {
        let owner = app.as_staff(Role::Owner).await;
        owner.open("/staff/tokens").await.says("No tokens yet");
        owner.submit("/staff/tokens", &[("label", "")]).await.expect(422).says("Name what will use");
        let made = owner.submit("/staff/tokens", &[("label", "Phone at B1"), ("role", "onsite"), ("event", "")]).await.expect(200);
        let text = made.text();
        let token = text.split_whitespace().find(|word| word.starts_with("lyd_")).unwrap().to_owned();
        let is_known = |token: String| app.look(move |db| Ok(staff::identity_of_token(db, &token)?.is_some()));
        assert!(is_known(token.clone()));
        owner.open("/staff/tokens").await.says("Phone at B1").says_nothing_of(&token);
        owner.submit("revocation", &[]).await.expect(303);
        owner.follow().await.says("Revoked");
        assert!(!is_known(token));
    }
}
