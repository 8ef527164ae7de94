-- Badges, doors, scans, and who was in the room.
CREATE TABLE badges (
    id TEXT NOT NULL PRIMARY KEY,
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    number TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX badges_by_registration ON badges (registration_id);

CREATE TABLE checkpoints (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    session_id TEXT REFERENCES sessions (id),
    in_only BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX checkpoints_by_code ON checkpoints (event_id, code);
CREATE INDEX checkpoints_by_session ON checkpoints (session_id);

CREATE TABLE checkpoint_windows (
    id TEXT NOT NULL PRIMARY KEY,
    checkpoint_id TEXT NOT NULL REFERENCES checkpoints (id),
    opens_at TIMESTAMP NOT NULL,
    closes_at TIMESTAMP NOT NULL
);
CREATE INDEX checkpoint_windows_by_checkpoint ON checkpoint_windows (checkpoint_id);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    event_id TEXT REFERENCES events (id),
    checkpoint_id TEXT REFERENCES checkpoints (id),
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);
CREATE INDEX api_tokens_by_event ON api_tokens (event_id);
CREATE INDEX api_tokens_by_checkpoint ON api_tokens (checkpoint_id);

-- One row a scan, with the answer that was given; the id is made on the device.
CREATE TABLE scans (
    id TEXT NOT NULL PRIMARY KEY,
    checkpoint_id TEXT NOT NULL REFERENCES checkpoints (id),
    badge_id TEXT REFERENCES badges (id),
    registration_id TEXT REFERENCES registrations (id),
    direction TEXT NOT NULL,
    outcome TEXT NOT NULL,
    answer TEXT NOT NULL,
    scanned_at TIMESTAMP NOT NULL,
    received_at TIMESTAMP NOT NULL,
    clock_offset_ms BIGINT NOT NULL,
    offline BOOLEAN NOT NULL,
    decided TEXT,
    override_reason TEXT,
    actor TEXT NOT NULL
);
CREATE INDEX scans_by_checkpoint ON scans (checkpoint_id, registration_id);
CREATE INDEX scans_by_registration ON scans (registration_id);
CREATE INDEX scans_by_badge ON scans (badge_id);

-- Attendance, append-only: a person came into or went out of a session.
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
CREATE INDEX attendance_marks_by_session ON attendance_marks (session_id, registration_id, at);
CREATE INDEX attendance_marks_by_registration ON attendance_marks (registration_id);
CREATE INDEX attendance_marks_by_scan ON attendance_marks (scan_id);

-- Who is in the room now: the latest mark of each person, kept beside the marks so that counting is quick.
CREATE TABLE presences (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    inside BOOLEAN NOT NULL,
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (session_id, registration_id)
);
CREATE INDEX presences_inside ON presences (session_id) WHERE inside;
CREATE INDEX presences_by_registration ON presences (registration_id);

-- How many are inside, kept in sixteen shares a session, so that counting thousands is quick and doors
-- do not wait for one another; changed in the transaction that changes a presence.
CREATE TABLE room_counts (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    slot INTEGER NOT NULL,
    inside INTEGER NOT NULL,
    PRIMARY KEY (session_id, slot)
);
