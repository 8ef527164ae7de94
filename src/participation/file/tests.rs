//! Every layout that was seen, with invented rows, and what is no report.

use chrono_tz::Tz;

use super::super::rules::stamps::Order;
use super::*;

fn told(row: &Row) -> String {
    let time =
        |stamp: Stamp| stamp.at(Order::MonthFirst, Tz::UTC).map(|at| at.utc().format("%m-%d %H:%M:%S").to_string()).unwrap_or_default();
    format!(
        "{} {} <{}> {} {}{}",
        row.line,
        row.name,
        row.email,
        time(row.join),
        time(row.leave),
        row.total.map(|total| format!(" {total}")).unwrap_or_default()
    )
}

fn rows(file: &File) -> Vec<String> {
    file.rows.iter().map(told).collect()
}

#[test]
fn a_webinar_report_with_custom_questions_is_read_and_the_hosts_are_told_from_the_attendees() {
    let text = "\u{FEFF}Attendee Report,,,,,\n\
        Report Generated:,\"Mar 23, 2025 6:26 PM\",,,,\n\
        Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,# Cancelled,Unique Viewers,Total Users,Max Concurrent Views,Enable Registration,,\n\
        Sample,847 0000 0000,\"Mar 22, 2025 7:13 PM\",282,3576,5,3,4,,Yes,,\n\
        Host Details,,,,\n\
        Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,,\n\
        Yes,Host Person,host@example.org,\"Mar 22, 2025 19:13:27\",\"Mar 22, 2025 23:55:19\",282,No,United States,,\n\
        Panelist Details,,,,\n\
        Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,,\n\
        Yes,Panel One,panel1@example.org,\"Mar 22, 2025 19:28:32\",\"Mar 22, 2025 23:55:19\",267,Yes,United States,,\n\
        Attendee Details,,,,\n\
        Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,\"Profession (if student mention \"\"Student\"\", not target profession)\",Country/Region Name\n\
        No,Ana,Ana,López,ana@example.org,+15550000001,\"Mar 15, 2025 11:23:29\",approved,--,--,--,--,RN,\n\
        Yes,Bo Chen,Bo,Chen,bo@example.org,+15550000002,\"Mar 15, 2025 11:27:19\",approved,\"Mar 22, 2025 19:52:01\",\"Mar 22, 2025 19:52:39\",1,Yes,\"RN, BSN\",India\n\
        Yes,Bo Chen,,,bo@example.org,,,,\"Mar 22, 2025 20:00:00\",\"Mar 22, 2025 21:00:00\",60,Yes,,India\n";
    let file = read(text.as_bytes()).unwrap();
    assert_eq!(
        (file.layout, file.meeting.as_str(), file.absent, file.declared, file.unread.len()),
        (Layout::Webinar, "84700000000", 1, Some(3), 0)
    );
    assert_eq!(file.rows.iter().map(|row| row.part).collect::<Vec<_>>(), [Part::Host, Part::Panelist, Part::Attendee, Part::Attendee]);
    assert_eq!(rows(&file)[2], "14 Bo Chen <bo@example.org> 03-22 19:52:01 03-22 19:52:39");
    assert!(file.generated.is_some());
}

#[test]
fn commas_that_nobody_quoted_a_twelve_hour_clock_and_phones_are_read() {
    let text = "\u{FEFF}Attendee Report\nReport generated time,08/09/2026 02:31:08 PM\n\
        Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registrants,Unique Viewers,Total Users\n\
        Sample Workshop,000 0000 0000,\"08/09/2026 10:45:00 AM\",226,6,5,6\n\
        Attendee Details\n\
        Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name,Source Name\n\
        Yes,Carla Pe\0rez,Carla,Pérez,carla@example.org,9000000001,\"08/08/2026 09:00:00 PM\",approved,\"08/09/2026 10:50:00 AM\",\"08/09/2026 02:29:00 PM\",219,No,India,\n\
        Yes,Eve Kin,Eve,Kin,eve@example.org,9000000004,\"08/08/2026 09:00:00 PM\",approved,\"08/09/2026 10:52:00 AM\",\"08/09/2026 02:00:00 PM\",188,No,Congo, Democratic Republic of the,\n\
        Yes,Lee, Dan, MD,Dan,Lee,dan@example.org,9000000005,\"08/08/2026 09:00:00 PM\",approved,\"08/09/2026 11:00:00 AM\",\"08/09/2026 12:00:00 PM\",60,No,India,\n\
        Other Attended\nUser Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name\n\
        15550001234,\"08/09/2026 11:00:00 AM\",\"08/09/2026 11:05:00 AM\",5,--\n";
    let file = read(text.as_bytes()).unwrap();
    assert_eq!(
        rows(&file),
        [
            "7 Carla Perez <carla@example.org> 08-09 10:50:00 08-09 14:29:00",
            "8 Eve Kin <eve@example.org> 08-09 10:52:00 08-09 14:00:00",
            "9 Lee, Dan, MD <dan@example.org> 08-09 11:00:00 08-09 12:00:00",
            "12 15550001234 <> 08-09 11:00:00 08-09 11:05:00",
        ]
    );
    assert_eq!(file.rows[3].part, Part::Phone);
}

#[test]
fn meetings_are_read_by_joins_and_by_totals() {
    let joins = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
        \"812 3456 7890\",Sample Session,10/05/2026 05:55:00 PM,10/05/2026 07:00:00 PM,host@example.org,65,6\n\n\
        Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n\
        Host Person (TA),host@example.org,10/05/2026 05:55:00 PM,10/05/2026 07:00:00 PM,65,No,,\n\
        Ana Maria Lopez,,10/05/2026 06:10:00 PM,10/05/2026 06:40:00 PM,30,Yes,,\n\
        Ana Maria Lopez,,10/05/2026 06:42:00 PM,10/05/2026 07:00:00 PM,18,Yes,,\n";
    let file = read(joins.as_bytes()).unwrap();
    assert_eq!((file.layout, file.meeting.as_str(), file.rows[0].part, file.rows.len()), (Layout::Joins, "81234567890", Part::Host, 3));
    let totals = "\u{FEFF}Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants,\r\n\
        00000000001,Meeting,09/24/2020 11:35:16 AM,09/24/2020 12:49:20 PM,host@example.org,75,170,\r\n\r\n\
        Name (Original Name),User Email,Total Duration (Minutes),Guest\r\nAna,ana@example.org,72,\r\nBo,,x,\r\n";
    let file = read(totals.as_bytes()).unwrap();
    assert_eq!((file.layout, rows(&file)), (Layout::Totals, vec!["5 Ana <ana@example.org> 09-24 11:35:16 09-24 12:49:20 72".to_owned()]));
    assert_eq!((file.unread[0].line, file.unread[0].reason.as_str()), (Some(6), "The minutes cannot be read."));
    let newer = "\u{FEFF}Topic,ID,Host,Duration (minutes),Start time,End time,Participants\n\
        Sample,81700000000,Host Person (host@example.org),77,\"06/16/2026 03:10:26 PM\",\"06/16/2026 04:26:31 PM\",67\n\n\
        Name (original name),Email,Total duration (minutes),Guest\nHost Person,host@example.org,77,No\nAna,ana@example.org,30,No\nAna,ana@example.org,15,No\n";
    let file = read(newer.as_bytes()).unwrap();
    assert_eq!((file.layout, file.rows.len(), file.rows[0].part, file.declared), (Layout::Totals, 3, Part::Host, Some(67)));
}

#[test]
fn an_administrators_export_and_other_platforms_are_read() {
    let flat = "Topic,MeetingID,User_Name,User_Email_1,Department,Group,HasZoomRooms,Creation_Time,Start_Time,End_Time,Duration_Minutes_1,Participants,NameOriginalName,User_Email_2,Join_Time,Leave_Time,Duration_Minutes_2,Guest\n\
        1:1 Sample,852 1848 6288,Host Person,host@example.org,Quality,ABC-Org,No,15/08/2022 01:27,01/06/2023 00:00,01/06/2023 00:21,22,2,Guest Person,guest@example.org,13/06/2023 00:00,13/06/2023 00:21,22,No\n";
    let file = read(flat.as_bytes()).unwrap();
    assert_eq!((file.layout, file.meeting.as_str(), file.topic.as_str()), (Layout::Flat, "85218486288", "1:1 Sample"));
    assert_eq!(rows(&file), ["2 Guest Person <guest@example.org> 06-13 00:00:00 06-13 00:21:00"]);
    // The same room a week later, and another meeting.
    let row = flat.lines().nth(1).expect("a row");
    let later = row.replace("01/06/2023", "08/06/2023").replace("13/06/2023", "20/06/2023");
    let other = row.replace("852 1848 6288", "852 1848 0000").replace("1:1 Sample", "Another");
    let file = read(format!("{flat}{later}\n{other}\n{row}\n").as_bytes()).unwrap();
    let named: Vec<_> = file.meetings.iter().map(|one| (one.number.as_str(), one.topic.as_str())).collect();
    assert_eq!(named, [("85218486288", "1:1 Sample"), ("85218486288", "1:1 Sample"), ("85218480000", "Another")]);
    assert_eq!(file.rows.iter().map(|row| row.meeting).collect::<Vec<_>>(), [0, 1, 2, 0]);
    let ends =
        "Full name,Email,Duration,First Join,Last Leave\nAlice Martin,alice@example.org,140 minutes,2026-09-15 09:00,2026-09-15 11:30\n";
    let file = read(ends.as_bytes()).unwrap();
    assert_eq!(
        (file.layout, rows(&file)),
        (Layout::Ends, vec!["2 Alice Martin <alice@example.org> 09-15 09:00:00 09-15 11:30:00 140".to_owned()])
    );
    assert_eq!(read(ends.replace(',', ";").as_bytes()).unwrap().rows.len(), 1);
}

#[test]
fn rows_that_cannot_be_read_are_said_by_line_and_the_others_stay() {
    let text = "Name,Email,Join Time,Leave Time\nAna,ana@example.org,2026-04-22 13:00,2026-04-22 14:00\nBo,bo@example.org,soon,2026-04-22 14:00\n,,2026-04-22 13:00,2026-04-22 14:00\n";
    let file = read(text.as_bytes()).unwrap();
    let unread: Vec<_> = file.unread.iter().map(|row| (row.line, row.reason.as_str())).collect();
    assert_eq!(file.rows.len(), 1);
    assert_eq!(
        unread,
        [(Some(3), "The times of joining and leaving cannot be read."), (Some(4), "There is neither a name nor an e-mail.")]
    );
}

#[test]
fn what_is_no_report_and_half_a_file_are_refused_with_a_sentence() {
    let why = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(why(b"PK\x03\x04....").starts_with("This is a spreadsheet"));
    assert!(why(b"").starts_with("This is no participant report"));
    assert!(why(b"Order #,Order Date,Email\n1,11/29/24 22:28,a@b.org\n").starts_with("This is no participant report"));
    assert!(why(&[0; 400]).starts_with("This is not a text file"));
    let head = "Name,Email,Join Time,Leave Time,Guest\nAna,ana@example.org,2026-04-22 13:00,2026-04-22 14:00,No\n";
    assert!(why(format!("{head}Bo,bo@example.org,2026-04-22 13:0").as_bytes()).starts_with("Line 3: The file ends in the middle"));
    assert!(why(format!("{head}Bo,bo@example.org,\"Apr 22, 2026").as_bytes()).starts_with("Line 3: A quotation mark is opened"));
    // A last line without a line break is whole.
    assert_eq!(read(head.trim_end().as_bytes()).unwrap().rows.len(), 1);
}
