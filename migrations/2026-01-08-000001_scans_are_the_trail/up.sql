-- A scan is one row: the mark of attendance that it makes, and the entry that it is in the audit trail, are read from
-- it. Only what staff enter by hand has rows of its own. Written three times over, a scan took twice as long.
-- What was scanned before has an entry and no event here, so that every scan is told once, as it was told then.
ALTER TABLE scans ADD COLUMN event_id TEXT;
-- The checkpoint's code at that moment; it may get another later.
ALTER TABLE scans ADD COLUMN checkpoint_code TEXT;
-- The session behind the door, and when the scan counts as a way into or out of it; none where it moved nobody.
ALTER TABLE scans ADD COLUMN session_id TEXT;
ALTER TABLE scans ADD COLUMN marked_at TIMESTAMP;
CREATE INDEX attendance_marks_by_scan ON attendance_marks (scan_id);
UPDATE scans SET
    session_id = (SELECT attendance_marks.session_id FROM attendance_marks WHERE attendance_marks.scan_id = scans.id),
    marked_at = (SELECT attendance_marks.at FROM attendance_marks WHERE attendance_marks.scan_id = scans.id);
CREATE INDEX scans_by_event ON scans (event_id, received_at);
CREATE INDEX scans_by_session ON scans (session_id, marked_at) WHERE marked_at IS NOT NULL;

-- A scan that was missed: added by staff, with their reason.
CREATE TABLE marks_by_hand (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    direction TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    entered_at TIMESTAMP
);
CREATE INDEX marks_by_hand_by_session ON marks_by_hand (session_id);
CREATE INDEX marks_by_hand_by_registration ON marks_by_hand (registration_id);
INSERT INTO marks_by_hand
SELECT id, session_id, registration_id, direction, at, actor, reason, entered_at FROM attendance_marks WHERE scan_id IS NULL;

-- A mark that does not count: the mark stays, this row stands beside it. The mark is a scan's or one by hand.
CREATE TABLE voided_marks (
    mark_id TEXT NOT NULL PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
-- Entries about voids from before name the mark by its old id.
INSERT INTO voided_marks
SELECT coalesce(attendance_marks.scan_id, attendance_marks.id), mark_voids.at, mark_voids.actor, mark_voids.reason
FROM mark_voids JOIN attendance_marks ON attendance_marks.id = mark_voids.mark_id;
DROP TABLE mark_voids;
DROP TABLE attendance_marks;

-- Every column has one type in both halves, or SQLite puts the whole of them together before it looks.
CREATE VIEW attendance_marks AS
SELECT id, session_id, registration_id, direction, at, CAST(NULL AS TEXT) AS scan_id, actor, reason, entered_at
FROM marks_by_hand
UNION ALL
SELECT id, session_id, registration_id, direction, marked_at, id, actor, CAST(NULL AS TEXT), CAST(NULL AS TIMESTAMP)
FROM scans WHERE marked_at IS NOT NULL;

-- Who did what: the entries, and the scans.
DROP INDEX audit_entries_by_event;
CREATE INDEX audit_entries_by_event ON audit_entries (event_id, at);
CREATE VIEW audit_trail AS
SELECT id, at, actor_kind, actor_id, action, subject_kind, subject_id, event_id, registration_id, facts, reason
FROM audit_entries
UNION ALL
SELECT
    id,
    received_at,
    CAST(CASE WHEN actor LIKE 'device:%' THEN 'device' WHEN actor LIKE 'token:%' THEN 'token' WHEN actor LIKE 'staff:%' THEN 'staff'
        WHEN actor LIKE 'attendee:%' THEN 'attendee' WHEN actor LIKE 'service:%' THEN 'service' ELSE 'public' END AS TEXT),
    CAST(CASE WHEN actor LIKE 'device:%' THEN substr(actor, 8) WHEN actor LIKE 'token:%' OR actor LIKE 'staff:%' THEN substr(actor, 7)
        WHEN actor LIKE 'attendee:%' THEN substr(actor, 10) WHEN actor LIKE 'service:%' THEN substr(actor, 9) END AS TEXT),
    CAST('scan.taken' AS TEXT),
    CAST('scan' AS TEXT),
    id,
    event_id,
    registration_id,
    CAST('{"before":null,"after":{"outcome":"' || outcome || '","direction":"' || direction || '","checkpoint":"'
        || checkpoint_code || '"}}' AS TEXT),
    override_reason
FROM scans WHERE event_id IS NOT NULL;
