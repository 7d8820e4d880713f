-- Jobs that are handed in again and again, by the clock.

CREATE TABLE job_schedule (
  name       text PRIMARY KEY,
  type       text NOT NULL,
  payload    text NOT NULL,
  cron       text NOT NULL,
  time_zone  text NOT NULL,
  missed     text NOT NULL CHECK (missed IN ('skip', 'once')),
  priority   smallint NOT NULL CHECK (priority BETWEEN -100 AND 100),
  enabled    boolean NOT NULL,
  owner      uuid NOT NULL,
  -- When it fires; null while it is not enabled.
  next_at    timestamptz,
  last_due   timestamptz,
  last_job   uuid,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_schedule_due ON job_schedule (next_at) WHERE next_at IS NOT NULL;
