DROP TABLE room_counts;
DROP TABLE presences;
DROP TABLE attendance_marks;
DROP TABLE scans;
DROP TABLE api_tokens;
DROP TABLE checkpoint_windows;
DROP TABLE checkpoints;
DROP TABLE badges;
