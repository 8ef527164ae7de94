-- Paired phones: what each may scan, until when, and what it last said of itself.
CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    name TEXT NOT NULL,
    every_door BOOLEAN NOT NULL,
    may_override BOOLEAN NOT NULL,
    made_at TIMESTAMP NOT NULL,
    made_by TEXT NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    token_hash TEXT UNIQUE,
    paired_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX devices_by_event ON devices (event_id);

CREATE TABLE device_checkpoints (
    device_id TEXT NOT NULL REFERENCES devices (id),
    checkpoint_id TEXT NOT NULL REFERENCES checkpoints (id),
    PRIMARY KEY (device_id, checkpoint_id)
);
CREATE INDEX device_checkpoints_by_checkpoint ON device_checkpoints (checkpoint_id);

-- What turns a phone into the device, once: a link and a code, both hashed.
CREATE TABLE pairing_codes (
    id TEXT NOT NULL PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES devices (id),
    link_hash TEXT NOT NULL UNIQUE,
    code_hash TEXT NOT NULL UNIQUE,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX pairing_codes_by_device ON pairing_codes (device_id);

-- The latest report of each device.
CREATE TABLE device_reports (
    device_id TEXT NOT NULL PRIMARY KEY REFERENCES devices (id),
    seen_at TIMESTAMP NOT NULL,
    checkpoint_code TEXT NOT NULL,
    battery INTEGER,
    charging BOOLEAN,
    queued INTEGER NOT NULL,
    oldest_queued_at TIMESTAMP,
    app_version TEXT NOT NULL
);
