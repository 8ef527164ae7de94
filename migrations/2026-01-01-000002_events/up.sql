-- Events and what their pages answer.
CREATE TABLE events (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    zone TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    currency TEXT NOT NULL,
    claims_close_on DATE,
    published BOOLEAN NOT NULL,
    summary TEXT NOT NULL,
    venue TEXT NOT NULL,
    address TEXT NOT NULL,
    help_email TEXT NOT NULL,
    help_phone TEXT NOT NULL,
    hotel_block_closes_on DATE,
    wifi_network TEXT NOT NULL,
    wifi_password TEXT NOT NULL,
    invoice_due_days INTEGER NOT NULL,
    unpaid_at_door TEXT NOT NULL,
    selection_closes_minutes_before INTEGER NOT NULL,
    recognized_discount_percent INTEGER NOT NULL,
    tag_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE info_items (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    topic TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    audience TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE INDEX info_items_by_event ON info_items (event_id);

CREATE TABLE badge_places (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    place TEXT NOT NULL,
    opens_at TIMESTAMP NOT NULL,
    closes_at TIMESTAMP NOT NULL,
    audience TEXT NOT NULL,
    changed_at TIMESTAMP,
    changed_from TEXT
);
CREATE INDEX badge_places_by_event ON badge_places (event_id);

CREATE TABLE tracks (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL
);
CREATE UNIQUE INDEX tracks_by_event ON tracks (event_id, code);

CREATE TABLE rooms (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    capacity INTEGER,
    position INTEGER NOT NULL
);
CREATE UNIQUE INDEX rooms_by_event ON rooms (event_id, code);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    abstract_text TEXT NOT NULL,
    speakers TEXT NOT NULL,
    track_id TEXT REFERENCES tracks (id),
    room_id TEXT REFERENCES rooms (id),
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    capacity INTEGER,
    registration_required BOOLEAN NOT NULL,
    included BOOLEAN NOT NULL,
    price_cents BIGINT,
    discountable BOOLEAN NOT NULL,
    recorded BOOLEAN NOT NULL,
    repeats_session_id TEXT REFERENCES sessions (id),
    external_id TEXT,
    calendar_sequence INTEGER NOT NULL,
    canceled_at TIMESTAMP
);
CREATE UNIQUE INDEX sessions_by_code ON sessions (event_id, code);
CREATE INDEX sessions_by_start ON sessions (event_id, starts_at);
CREATE INDEX sessions_by_track ON sessions (track_id);
CREATE INDEX sessions_by_room ON sessions (room_id);
CREATE INDEX sessions_by_repeat ON sessions (repeats_session_id);
CREATE UNIQUE INDEX sessions_by_external_id ON sessions (event_id, external_id);
