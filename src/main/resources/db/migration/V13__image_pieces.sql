-- The bytes of an image in rows that each take one short statement, as those of documents do.
CREATE TABLE image_piece (
  job_id uuid NOT NULL REFERENCES image_upload (job_id) ON DELETE CASCADE,
  n      int NOT NULL,
  bytes  bytea NOT NULL,
  PRIMARY KEY (job_id, n)
);
ALTER TABLE image_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Images that were taken in before have their bytes here still, and are read as if in pieces: to
-- move what may be gigabytes would hold up the start.
ALTER TABLE image_upload ALTER COLUMN content DROP NOT NULL;
-- Null for those.
ALTER TABLE image_upload ADD COLUMN size int;

-- Until when the analyser wants no calls, from whatever process; one row at most.
CREATE TABLE image_analyser_hold (
  id         boolean PRIMARY KEY DEFAULT true CHECK (id),
  not_before timestamptz NOT NULL
);

-- The last counts that each process has added to image_count, so that none is added twice.
CREATE TABLE image_count_writer (
  process    uuid PRIMARY KEY,
  batch      bigint NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now()
);
