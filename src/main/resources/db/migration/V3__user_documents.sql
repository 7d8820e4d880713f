-- What applications keep for a user: settings are written at once, preferences behind the answer.
-- Documents are json and not jsonb, which would write 1e308 out in 309 digits.

CREATE TABLE user_settings (
  user_id    uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  document   json NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_preferences (
  user_id    uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  document   json NOT NULL,
  -- Order of acceptance: a write that was accepted earlier never replaces a later one.
  version    bigint NOT NULL,
  updated_at timestamptz NOT NULL
);

-- Writes that were accepted durably and wait to be applied to their table.
CREATE TABLE pending_write (
  kind    text NOT NULL,
  key     text NOT NULL,
  -- Milliseconds of the time of acceptance * 2^20, and a number among those of one millisecond.
  version bigint NOT NULL,
  body    text NOT NULL,
  PRIMARY KEY (kind, key, version)
);
CREATE INDEX pending_write_by_age ON pending_write (version);
CREATE SEQUENCE pending_write_number MINVALUE 0 MAXVALUE 1048575 CYCLE;

-- Accepted writes that the database does not take, such as one for a user who is gone. Kept for a
-- person to look at; nothing reads it.
CREATE TABLE refused_write (
  kind       text NOT NULL,
  key        text NOT NULL,
  version    bigint NOT NULL,
  body       text NOT NULL,
  reason     text NOT NULL,
  refused_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, key, version)
);
