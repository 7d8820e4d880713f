-- What applications keep for a user: settings are written at once, preferences behind the answer.

CREATE TABLE user_settings (
  user_id    uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  document   jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_preferences (
  user_id    uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  document   jsonb NOT NULL,
  -- Order of acceptance: a write that was accepted earlier never replaces a later one.
  version    bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Writes that were accepted durably and wait to be applied to their table.
CREATE TABLE pending_write (
  version     bigint PRIMARY KEY,
  kind        text NOT NULL,
  key         text NOT NULL,
  body        jsonb NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pending_write_key ON pending_write (kind, key, version);
