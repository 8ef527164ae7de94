DROP TABLE collision_decisions;
DROP TABLE collisions;
DROP TABLE mark_voids;
ALTER TABLE attendance_marks DROP COLUMN entered_at;
ALTER TABLE enrollments DROP COLUMN taken_at_door;
ALTER TABLE enrollments DROP COLUMN given_away_at;
ALTER TABLE events DROP COLUMN missing_exit_minutes;
ALTER TABLE events DROP COLUMN missing_exit;
ALTER TABLE events DROP COLUMN unclaimed_after_minutes;
