-- Files of people on their way into the storage, and what is known of those that are there.
CREATE TABLE uploads (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    purpose TEXT NOT NULL,
    -- The name in the storage, made by the service.
    object_key TEXT NOT NULL UNIQUE,
    -- The file's own name: text, never a place.
    original_name TEXT NOT NULL,
    -- What the first bytes say it is.
    media_type TEXT,
    size_bytes BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL,
    parts INTEGER NOT NULL,
    sum_state TEXT NOT NULL,
    sha256 TEXT,
    -- The store's own name of an upload in parts.
    begun TEXT,
    is_ours BOOLEAN NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    touched_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    -- Something shows it; without that it is thrown away after a day.
    kept_at TIMESTAMP
);
CREATE INDEX uploads_by_event ON uploads (event_id, finished_at);
CREATE INDEX uploads_by_touch ON uploads (kept_at, touched_at);

CREATE TABLE upload_parts (
    upload_id TEXT NOT NULL REFERENCES uploads (id),
    number INTEGER NOT NULL,
    -- What the store wants to hear of the part at the end.
    content_id TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (upload_id, number)
);

-- Objects that wait to be thrown away, after the commit that removed what named them.
CREATE TABLE object_removals (
    object_key TEXT NOT NULL PRIMARY KEY,
    begun TEXT,
    wanted_at TIMESTAMP NOT NULL
);
CREATE INDEX object_removals_by_time ON object_removals (wanted_at);

-- Until when an event's recordings are watched, and how soon they are due; a default where there is no row.
CREATE TABLE recording_settings (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES events (id),
    closes_on DATE NOT NULL,
    due_days INTEGER NOT NULL
);

-- Registration types that bring no recordings.
CREATE TABLE types_without_recordings (
    registration_type_id TEXT NOT NULL PRIMARY KEY REFERENCES registration_types (id)
);

CREATE TABLE recordings (
    id TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE REFERENCES sessions (id),
    upload_id TEXT NOT NULL UNIQUE REFERENCES uploads (id),
    added_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);

CREATE TABLE recording_publications (
    recording_id TEXT NOT NULL PRIMARY KEY REFERENCES recordings (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);

-- WebVTT, one text a language.
CREATE TABLE captions (
    recording_id TEXT NOT NULL REFERENCES recordings (id),
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    cues INTEGER NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (recording_id, language)
);

-- Who was told that a session's recording is there: once, whatever is replaced or published again.
CREATE TABLE recording_letters (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    registration_id TEXT NOT NULL REFERENCES registrations (id),
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (session_id, registration_id)
);
CREATE INDEX recording_letters_by_registration ON recording_letters (registration_id);

-- What somebody watched: the union of intervals, in milliseconds. It is a bookmark and no attendance.
CREATE TABLE recording_views (
    recording_id TEXT NOT NULL REFERENCES recordings (id),
    person_id TEXT NOT NULL REFERENCES people (id),
    -- JSON: [[from, until], …]
    watched TEXT NOT NULL,
    watched_ms BIGINT NOT NULL,
    position_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (recording_id, person_id)
);
CREATE INDEX recording_views_by_person ON recording_views (person_id);
