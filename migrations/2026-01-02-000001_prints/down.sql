DROP TABLE badge_printers;
DROP TABLE printed_badges;
DROP TABLE prints;
