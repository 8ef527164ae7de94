-- Seats at the door, attendance as it is told, and what collides.

-- So many minutes after the start the seats of people who have not come go to who waits at the door.
ALTER TABLE events ADD COLUMN unclaimed_after_minutes INTEGER NOT NULL DEFAULT 10;
-- How a stay without a way out is closed.
ALTER TABLE events ADD COLUMN missing_exit TEXT NOT NULL DEFAULT 'session_end';
ALTER TABLE events ADD COLUMN missing_exit_minutes INTEGER NOT NULL DEFAULT 0;

-- The seat went to somebody at the door because its person had not come; left_at is the same instant.
ALTER TABLE enrollments ADD COLUMN given_away_at TIMESTAMP;
ALTER TABLE enrollments ADD COLUMN taken_at_door BOOLEAN NOT NULL DEFAULT FALSE;

-- When staff added the mark by hand; a scan's mark has the scan's times.
ALTER TABLE attendance_marks ADD COLUMN entered_at TIMESTAMP;

-- A mark that does not count: the mark stays, this row stands beside it.
CREATE TABLE mark_voids (
    mark_id TEXT NOT NULL PRIMARY KEY REFERENCES attendance_marks (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- What a scan that came late contradicts; staff decide.
CREATE TABLE collisions (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    kind TEXT NOT NULL,
    registration_id TEXT REFERENCES registrations (id),
    scan_id TEXT NOT NULL REFERENCES scans (id),
    other_scan_id TEXT REFERENCES scans (id),
    found_at TIMESTAMP NOT NULL
);
CREATE INDEX collisions_by_event ON collisions (event_id);
CREATE INDEX collisions_by_registration ON collisions (registration_id);
CREATE INDEX collisions_by_scan ON collisions (scan_id);
CREATE INDEX collisions_by_other_scan ON collisions (other_scan_id);

CREATE TABLE collision_decisions (
    collision_id TEXT NOT NULL PRIMARY KEY REFERENCES collisions (id),
    ruling TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);
