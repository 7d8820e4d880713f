-- Until when each living process has told what became of the jobs that it changed: when it dies
-- between a commit and its news, another process tells what followed. Rows that change every second
-- and are never many.
CREATE TABLE job_teller (
  process    uuid PRIMARY KEY,
  told_until timestamptz NOT NULL,
  -- Its last sign of life.
  seen_at    timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- Those that wait for another attempt, to be told again when it is not known whether they were.
CREATE INDEX job_returned ON job (updated_at)
  WHERE state IN ('scheduled', 'queued') AND attempt > 0;
