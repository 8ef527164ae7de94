//! A long queue of people whom no e-mail matches: everybody is reached, and nobody is matched whom staff were not shown.

use diesel::prelude::*;
use lanyard::db::schema::participants;

use super::a_guest;
use super::reports::{QUEUE, a_report, after_p1, import, minutes};
use crate::on_both;

on_both! {
    async fn only_who_was_shown_is_matched_by_name_and_everybody_is_reached_by_page_and_search(app) {
        let (event, ada, _, staff) = after_p1(app).await;
        let zoe = a_guest(app, &event, "Zoe", "Quist");
        let names: Vec<String> = (1..=58).map(|number| format!("Visitor {number:02} Unknown")).collect();
        let mut rows: Vec<(&str, &str, &str, &str)> =
            names.iter().map(|name| (name.as_str(), "", "01:00:00 PM", "01:30:00 PM")).collect();
        rows.push(("Ada Okonkwo", "", "01:00:00 PM", "01:30:00 PM"));
        rows.push(("Zoe Quist", "", "01:00:00 PM", "01:40:00 PM"));
        import(&staff, &a_report(&rows)).await;
        staff.open(&format!("{QUEUE}?page=2")).await.says("51–60 of 60").says("Zoe Quist").says_nothing_of("Ada Okonkwo");
        staff.open(&format!("{QUEUE}?page=99")).await.says("51–60 of 60");
        staff.open(QUEUE).await.says("1–50 of 60").says("1 of those shown").says_nothing_of("Zoe Quist");
        staff.submit(QUEUE, &[]).await.expect(303);
        staff.follow().await.says("1 matched by their names");
        assert_eq!((minutes(app, &event, &ada.id), minutes(app, &event, &zoe.id)), (30, 0), "Zoe was on the second page");
        // Whoever is sent and is not certain, or of no report at all, is not matched.
        let of = |name: &'static str| -> String {
            app.look(move |db| Ok(participants::table.filter(participants::name.eq(name)).select(participants::id).first(db)?))
        };
        let (visitor, matched) = (of("Visitor 01 Unknown"), of("Ada Okonkwo"));
        staff.open(QUEUE).await;
        staff.post(QUEUE, &[("participants[]", visitor.as_str()), ("participants[]", matched.as_str()), ("participants[]", "nobody")]).await.expect(303);
        staff.follow().await.says("0 matched by their names");
        staff.open(&format!("{QUEUE}?q=zoe")).await.says("Zoe Quist").says_nothing_of("Visitor 01").says_nothing_of("1–50");
        staff.submit(QUEUE, &[]).await.expect(303);
        staff.follow().await.says("1 matched by their names").says("Nobody fits");
        assert_eq!(minutes(app, &event, &zoe.id), 40);
        let by_code = staff.open(&format!("{QUEUE}?show=matched&q={}", ada.code.to_lowercase())).await;
        by_code.says("Ada Okonkwo").says_nothing_of("Zoe Quist");
    }
}
