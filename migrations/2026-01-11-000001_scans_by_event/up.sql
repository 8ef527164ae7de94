-- Every index of scans is written at every scan. What is asked of a door is asked of its event, by the index of events.
DROP INDEX scans_by_checkpoint;
