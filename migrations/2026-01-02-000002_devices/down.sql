DROP TABLE device_reports;
DROP TABLE pairing_codes;
DROP TABLE device_checkpoints;
DROP TABLE devices;
