//! Doors: checkpoints, scans and who is in the room (CHK-1 to CHK-4).
