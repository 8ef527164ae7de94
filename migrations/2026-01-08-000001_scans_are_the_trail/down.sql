INSERT INTO audit_entries
SELECT id, at, actor_kind, actor_id, action, subject_kind, subject_id, event_id, registration_id, facts, reason
FROM audit_trail WHERE id IN (SELECT scans.id FROM scans WHERE scans.event_id IS NOT NULL);
DROP VIEW audit_trail;
DROP INDEX audit_entries_by_event;
CREATE INDEX audit_entries_by_event ON audit_entries (event_id);

DROP VIEW attendance_marks;
CREATE TABLE attendance_marks (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    direction TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    scan_id TEXT REFERENCES scans (id),
    actor TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX attendance_marks_by_session ON attendance_marks (session_id, at);
CREATE INDEX attendance_marks_by_registration ON attendance_marks (registration_id, session_id);
ALTER TABLE attendance_marks ADD COLUMN entered_at TIMESTAMP;
INSERT INTO attendance_marks (id, session_id, registration_id, direction, at, scan_id, actor, reason, entered_at)
SELECT id, session_id, registration_id, direction, at, NULL, actor, reason, entered_at FROM marks_by_hand
UNION ALL
SELECT id, session_id, registration_id, direction, marked_at, id, actor, NULL, NULL FROM scans WHERE marked_at IS NOT NULL;
CREATE TABLE mark_voids (
    mark_id TEXT NOT NULL PRIMARY KEY REFERENCES attendance_marks (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
INSERT INTO mark_voids SELECT mark_id, at, actor, reason FROM voided_marks;
DROP TABLE voided_marks;
DROP TABLE marks_by_hand;

DROP INDEX scans_by_session;
DROP INDEX scans_by_event;
ALTER TABLE scans DROP COLUMN marked_at;
ALTER TABLE scans DROP COLUMN session_id;
ALTER TABLE scans DROP COLUMN checkpoint_code;
ALTER TABLE scans DROP COLUMN event_id;
