DROP TABLE open_badge_stops;
DROP TABLE activity_alignments;
DROP TABLE open_badges;
DROP TABLE status_lists;
DROP TABLE signing_keys;
