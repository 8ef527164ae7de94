DROP TABLE daily_letter_people;
DROP TABLE daily_letters;
DROP TABLE help_questions;
DROP TABLE announcements;
DROP TABLE pssm_links;
ALTER TABLE sessions DROP COLUMN pssm_also;
ALTER TABLE sessions DROP COLUMN pssm;
DROP TABLE pssm_words;
DROP TABLE pssm_versions;
