-- The ledger of jobs. Redis only rings for what is here, and tells of it.

CREATE TABLE job (
  -- UUID of version 7, so that ids are in the order of creation.
  id            uuid PRIMARY KEY,
  type          text NOT NULL,
  state         text NOT NULL CHECK (state IN
    ('scheduled', 'queued', 'running', 'succeeded', 'failed', 'dead', 'cancelled')),
  priority      smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -100 AND 100),
  payload       text NOT NULL,
  owner         uuid NOT NULL,
  -- Raised by each claim, and lowered when that is handed back.
  attempt       int NOT NULL DEFAULT 0,
  -- Raised by each claim, never lowered: whoever holds an older number may write nothing more.
  claims        int NOT NULL DEFAULT 0,
  max_attempts  int NOT NULL,
  run_at        timestamptz NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  started_at    timestamptz,
  finished_at   timestamptz,
  -- The process that runs it, and until when it does without another heartbeat.
  worker        uuid,
  lease_until   timestamptz,
  unique_key    text,
  -- Set while somebody wants a running job to end: when it counts as ended all the same.
  cancel_by     timestamptz,
  cancel_reason text,
  progress      smallint NOT NULL DEFAULT 0,
  result        text,
  error         text,
  failures      text
);
CREATE INDEX job_due ON job (type, priority DESC, run_at, id) WHERE state = 'queued';
CREATE INDEX job_later ON job (run_at) WHERE state = 'scheduled';
CREATE INDEX job_leased ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_to_end ON job (cancel_by) WHERE state = 'running' AND cancel_by IS NOT NULL;
CREATE INDEX job_ended ON job (state, finished_at)
  WHERE state IN ('succeeded', 'failed', 'dead', 'cancelled');
CREATE INDEX job_unfortunate ON job (state, id) WHERE state IN ('failed', 'dead', 'cancelled');
CREATE INDEX job_unique ON job (type, unique_key) WHERE unique_key IS NOT NULL;

-- Types of which nobody takes a job while they are paused; one that is not here is not.
CREATE TABLE job_queue (
  type       text PRIMARY KEY,
  paused     boolean NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

-- Which job an Idempotency-Key stands for.
CREATE TABLE job_request (
  owner      uuid NOT NULL,
  key        text NOT NULL,
  -- Of what was asked for, to tell another request of the same key.
  digest     text NOT NULL,
  job_id     uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, key)
);
CREATE INDEX job_request_by_age ON job_request (created_at);

-- What handlers say while they run, the last lines of each job.
CREATE TABLE job_log (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id  uuid NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  attempt int NOT NULL,
  at      timestamptz NOT NULL,
  message text NOT NULL
);
CREATE INDEX job_log_of ON job_log (job_id, id);
