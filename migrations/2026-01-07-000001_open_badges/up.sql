-- Open Badges: the keys that sign, the places in lists that revoke, the badges that were taken, and what activities serve.

CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    algorithm TEXT NOT NULL,
    -- Modulus and exponent as the key set has them.
    modulus TEXT NOT NULL,
    exponent TEXT NOT NULL,
    -- The private half, sealed under a key of the installation; gone once the key is retired.
    sealed TEXT,
    made_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP,
    -- It may be in somebody else's hands: nothing is verified by it any more.
    withdrawn_at TIMESTAMP,
    actor TEXT NOT NULL
);
-- One key signs at a time.
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (algorithm) WHERE retired_at IS NULL;

CREATE TABLE status_lists (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    number INTEGER NOT NULL,
    -- So many places are given out before the next list begins.
    holds INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX status_lists_by_event ON status_lists (event_id, number);

-- The badge of a version of a certificate, made when it is first asked for.
CREATE TABLE open_badges (
    version_id TEXT NOT NULL PRIMARY KEY REFERENCES certificate_versions (id),
    list_id TEXT NOT NULL REFERENCES status_lists (id),
    place INTEGER NOT NULL,
    -- What the holder is called in this badge and in no other, and the salt of the hashed address.
    subject TEXT NOT NULL,
    salt TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    -- Null until it is signed; then it stays, unless its key is withdrawn.
    key_id TEXT REFERENCES signing_keys (id),
    credential TEXT
);
CREATE UNIQUE INDEX open_badges_by_place ON open_badges (list_id, place);
CREATE INDEX open_badges_by_key ON open_badges (key_id);

-- Statements of the Patient Safety Structural Measure that an activity is about, such as 4D; or a whole domain, such as 4.
CREATE TABLE activity_alignments (
    activity_id TEXT NOT NULL REFERENCES credit_activities (id),
    statement TEXT NOT NULL,
    PRIMARY KEY (activity_id, statement)
);

-- Events whose certificates are not given as Open Badges.
CREATE TABLE open_badge_stops (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES events (id),
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
