DROP TABLE sessions;
DROP TABLE rooms;
DROP TABLE tracks;
DROP TABLE badge_places;
DROP TABLE info_items;
DROP TABLE events;
