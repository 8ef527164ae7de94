//! Makes a schedule.xml of any size, so that no large file need be kept.

use std::fmt::Write;

const ROOMS: usize = 12;
const SLOTS: usize = 16;

/// A schedule.xml with this many events: half an hour each, twelve rooms, as many days as it takes; the same at every call.
pub fn big_schedule(events: usize) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<schedule>\n  <conference>\n    <title>Big Congress</title>\n    \
         <time_zone_name>America/Los_Angeles</time_zone_name>\n  </conference>\n",
    );
    for day in 0..events.div_ceil(ROOMS * SLOTS) {
        // Twenty-eight days a month from April on, all in the same offset until November: forty thousand events.
        let date = format!("2027-{:02}-{:02}", 4 + day / 28, 1 + day % 28);
        let _ = writeln!(xml, "  <day index=\"{}\" date=\"{date}\">", day + 1);
        for room in 0..ROOMS {
            let _ = writeln!(xml, "    <room name=\"Hall {}\">", room + 1);
            for slot in 0..SLOTS {
                let number = (day * ROOMS + room) * SLOTS + slot;
                if number < events {
                    event(&mut xml, number, room, slot, &date);
                }
            }
            xml.push_str("    </room>\n");
        }
        xml.push_str("  </day>\n");
    }
    xml.push_str("</schedule>\n");
    xml
}

fn event(xml: &mut String, number: usize, room: usize, slot: usize, date: &str) {
    let start = format!("{:02}:{:02}", 9 + slot / 2, slot % 2 * 30);
    let _ = write!(
        xml,
        "      <event guid=\"00000000-0000-4000-8000-{number:012}\" id=\"{number}\">\n        \
         <date>{date}T{start}:00-07:00</date>\n        <start>{start}</start>\n        <duration>00:30</duration>\n        \
         <room>Hall {hall}</room>\n        <title>Session {number} &amp; its lessons</title>\n        <subtitle></subtitle>\n        \
         <track>Track {track}</track>\n        <type>breakout</type>\n        <language>en</language>\n        \
         <abstract>&lt;p&gt;What happened in unit {number}, and what changed since.&lt;/p&gt;&lt;p&gt;{filler}&lt;/p&gt;</abstract>\n        \
         <description></description>\n        <persons>\n          <person id=\"{number}\">Speaker {number}</person>\n        </persons>\n      \
         </event>\n",
        hall = room + 1,
        track = 1 + number % 8,
        filler = "A team tells how it looked for harm, counted it and made it rarer. ".repeat(20),
    );
}
