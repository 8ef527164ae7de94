DROP TABLE certificate_run_people;
DROP TABLE certificate_runs;
DROP TABLE certificate_revocations;
DROP TABLE certificate_versions;
DROP TABLE certificates;
