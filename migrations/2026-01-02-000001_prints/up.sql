-- Badges as they were printed: each run of the printer, each badge in it, and the paper each event prints on.
CREATE TABLE prints (
    id TEXT NOT NULL PRIMARY KEY,
    event_id TEXT NOT NULL REFERENCES events (id),
    layout TEXT NOT NULL,
    backs BOOLEAN NOT NULL,
    first_slot INTEGER NOT NULL,
    printed_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL
);
CREATE INDEX prints_by_event ON prints (event_id);

-- The name and all else on the front, as it was on that day.
CREATE TABLE printed_badges (
    id TEXT NOT NULL PRIMARY KEY,
    print_id TEXT NOT NULL REFERENCES prints (id),
    badge_id TEXT NOT NULL REFERENCES badges (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    front TEXT NOT NULL
);
CREATE INDEX printed_badges_by_print ON printed_badges (print_id, position);
CREATE INDEX printed_badges_by_badge ON printed_badges (badge_id);

CREATE TABLE badge_printers (
    event_id TEXT NOT NULL PRIMARY KEY REFERENCES events (id),
    layout TEXT NOT NULL,
    backs BOOLEAN NOT NULL
);
