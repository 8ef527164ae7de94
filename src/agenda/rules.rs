//! How seats, speakers and days of an agenda are told.

use chrono::NaiveDate;

/// Seats as a session's card tells them: `4 left`, `Full`, `Full, 7 waiting`; nothing where no seat is chosen.
pub fn seats_words(registration_required: bool, capacity: Option<i32>, taken: i64, waiting: i64) -> Option<String> {
    let capacity = i64::from(capacity.filter(|_| registration_required)?);
    Some(match (capacity - taken, waiting) {
        (free @ 1.., _) => format!("{free} left"),
        (_, 0) => "Full".to_owned(),
        (_, waiting) => format!("Full, {waiting} waiting"),
    })
}

/// The names of the speakers without their credentials and posts: `Ingunn Achterberg · Tobias Nwachukwu-Reyes`.
pub fn speaker_names(speakers: &str) -> String {
    let names: Vec<&str> =
        speakers.lines().map(|line| line.split(',').next().unwrap_or(line).trim()).filter(|name| !name.is_empty()).collect();
    names.join(" · ")
}

/// The day an agenda opens with: the one asked for, today during the event, otherwise the next day with
/// sessions, or the first when all are over. `days` are sorted; none when there are none.
pub fn day_to_show(days: &[NaiveDate], asked: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let asked = asked.filter(|day| days.contains(day));
    asked.or_else(|| days.iter().copied().find(|day| *day >= today)).or_else(|| days.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_told_as_left_or_full_with_who_waits() {
        let words = |capacity, taken, waiting| seats_words(true, capacity, taken, waiting);
        assert_eq!(words(Some(60), 56, 0).as_deref(), Some("4 left"));
        assert_eq!(words(Some(2), 2, 7).as_deref(), Some("Full, 7 waiting"));
        assert_eq!(words(Some(2), 2, 0).as_deref(), Some("Full"));
        assert_eq!(words(Some(2), 5, 0).as_deref(), Some("Full"), "a capacity may be lowered under the seats taken");
        assert_eq!(words(None, 5, 0), None);
        assert_eq!(seats_words(false, Some(1800), 0, 0), None);
    }

    #[test]
    fn cards_name_speakers_without_their_posts() {
        let lines = "Ingunn Achterberg, PhD, Human factors engineer\nTobias Nwachukwu-Reyes, MD MPH\n";
        assert_eq!(speaker_names(lines), "Ingunn Achterberg · Tobias Nwachukwu-Reyes");
        assert_eq!(speaker_names(""), "");
    }

    #[test]
    fn an_agenda_opens_today_or_at_the_next_day_with_sessions() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = [day("2026-03-08"), day("2026-03-10")];
        let shown = |asked: Option<&str>, today: &str| day_to_show(&days, asked.map(day), day(today));
        assert_eq!(shown(None, "2026-01-01"), Some(days[0]));
        assert_eq!(shown(None, "2026-03-09"), Some(days[1]));
        assert_eq!(shown(None, "2026-03-11"), Some(days[0]));
        assert_eq!(shown(Some("2026-03-10"), "2026-01-01"), Some(days[1]));
        assert_eq!(shown(Some("2027-03-10"), "2026-01-01"), Some(days[0]));
        assert_eq!(day_to_show(&[], None, days[0]), None);
    }
}
