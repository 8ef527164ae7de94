DROP TABLE ended_conversions;
