CREATE INDEX scans_by_checkpoint ON scans (checkpoint_id, received_at);
