//! Credit is set up: provider first, designated before it starts, rules changed after seeing who gains and who loses.

use lanyard::agenda;
use lanyard::credits::activities;
use lanyard::staff::Role;

use super::{a_physician, a_provider, an_accredited, an_activity, chain};
use crate::on_both;
use crate::support::builders::a_congress;

const BASE: &str = "/staff/events/congress-2026/credits";

on_both! {
    async fn no_credit_type_is_switched_on_without_a_provider_of_record(app) {
        app.ignore_letters();
        let event = a_congress().make(app);
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&format!("{BASE}/types")).await.expect(200).says("AMA PRA Category 1 Credit™").says("Off");
        staff.submit("/types/ama", &[]).await.expect(303);
        staff.open(&format!("{BASE}/types")).await.says("Enter the accredited provider of record first");
        staff.submit("/types/attendance", &[]).await.expect(303);
        staff.open(&format!("{BASE}/provider")).await.expect(200);
        staff.submit("/provider", &[("name", "Quay Institute"), ("accme_number", "12")]).await.expect(422).says("This number has 7 digits").says("address");
        staff.submit("/provider", &[("address", "1 Quay"), ("accme_number", "0001234")]).await.expect(303);
        staff.open(&format!("{BASE}/types")).await.expect(200);
        staff.submit("/types/ama", &[]).await.expect(303);
        staff.open(BASE).await.expect(200).says("Quay Institute").says("2 on");
        let public = app.visitor().await;
        public.open("/events/congress-2026/agenda").await.expect(200).says("Quay Institute is jointly accredited");
        staff.open(&format!("{BASE}/statements/accreditation")).await.expect(200);
        staff.submit("/statements/accreditation", &[("words", "{provider} is accredited, version two.")]).await.expect(303);
        public.open("/events/congress-2026/agenda").await.says("Quay Institute is accredited, version two.");
        app.as_staff(Role::Auditor).await.get(&format!("{BASE}/provider")).await.expect(403);
    }

    async fn credit_is_designated_before_it_starts_and_a_session_once_for_each_type(app) {
        let event = an_accredited(app, a_congress());
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&format!("{BASE}/activities")).await.expect(200).says("Activity MONDAY").says("AMA PRA Category 1 Credit™ 3.00");
        staff.open(&format!("{BASE}/activities/new")).await.expect(200).says("ama (AMA PRA Category 1 Credit™)");
        let typed = [("code", "W"), ("title", "Workshop"), ("sessions", "W1 420\nW9"), ("maximums", "ama 7\nmagic 1.00"), ("uan", "1")];
        staff.submit("/activities", &typed).await.expect(422).says("There is no session W9.").says("“magic” is no credit type").says("A UAN reads as");
        staff.submit("/activities", &[("sessions", "W1 420\nB1"), ("maximums", "ama 7.00"), ("uan", "")]).await.expect(422).says("B1 is designated for AMA");
        staff.submit("/activities", &[("sessions", "W1 420"), ("maximums", "ama 7.00")]).await.expect(303);
        app.set_clock("2026-03-08T08:30:00-07:00");
        let own = event.clone();
        let late = app.write(lanyard::app::Actor::Service("test"), move |tx| activities::save(tx, &own, None, &an_activity("LATE", "W1", "ancc 7.00"))).await;
        assert_eq!(late.unwrap_err().code(), "credits.too_late_to_designate");
        let provider = a_provider();
        assert_eq!(provider.name, "Quay Institute");
    }

    async fn disclosures_stand_on_the_sessions_page_with_the_instant(app) {
        let event = an_accredited(app, a_congress());
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        staff.open(&format!("{BASE}/sessions")).await.expect(200).says("Missing");
        staff.open(&format!("{BASE}/sessions/B1")).await.expect(200);
        staff.submit("/sessions/B1", &[("nothing_to_disclose", "no"), ("presenters", "REG-NOBODY")]).await
            .expect(422).says("Name who has which relationship").says("There is no registration REG-NOBODY");
        let typed = [("nothing_to_disclose", "no"), ("words", "Ada advises Pumpworks."), ("mitigation", "Reviewed by a peer."), ("presenters", "")];
        staff.submit("/sessions/B1", &typed).await.expect(303);
        let public = app.visitor().await;
        let shown = public.open("/events/congress-2026/sessions/B1").await.expect(200).says("Ada advises Pumpworks.").says("Reviewed by a peer.");
        shown.says("Published Mon 2 Mar 2026, 9:00 AM Pacific").says("AMA 1.00 · Nursing 1.00 · Pharmacy 1.00").says("jointly accredited");
        public.open("/events/congress-2026/sessions/IT1").await.says("This session carries no credit.");
        staff.open(&format!("{BASE}/sessions")).await.says("Published");
        let session = app.look(|db| agenda::get(db, &event.id, "B1"));
        assert_eq!(session.code, "B1");
    }

    async fn a_rule_is_saved_after_seeing_who_gains_and_who_loses(app) {
        let (event, ada, api) = a_physician(app).await;
        let staff = app.as_staff_of(Role::Education, Some(event.id.clone())).await;
        let rule = format!("{BASE}/types/ama");
        staff.open(&rule).await.expect(200).says("In proportion to participation").says("Version 1");
        staff.submit("/types/ama/rule", &[("method", "threshold"), ("threshold_percent", "200"), ("reason", "")]).await
            .expect(422).says("Enter a whole number from 1 to 100").says("Say why");
        staff.open(&rule).await;
        staff.submit("/types/ama/rule", &[("method", "threshold"), ("threshold_percent", "90"), ("reason", "The board wants 90 %")]).await
            .expect(200).says("1 would lose, 0 would gain").says(&ada.full_name()).says("1.75 credits").says("1.00 credit");
        // Looked at and not saved.
        assert_eq!(chain(&api, &ada).await["totals"][0]["earned"], "1.75");
        staff.submit("/types/ama/rule", &[("save", "yes")]).await.expect(303);
        assert_eq!(chain(&api, &ada).await["totals"][0]["earned"], "1.00");
        staff.open(&rule).await.says("Version 2").says("The board wants 90 %");
    }
}
