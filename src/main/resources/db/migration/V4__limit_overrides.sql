-- Limits of single subjects that differ from the rule's, until they end. A limit of 0 blocks.
CREATE TABLE limit_override (
  rule       text NOT NULL CHECK (length(rule) <= 128),
  subject    text NOT NULL CHECK (length(subject) <= 200),
  admitted   int NOT NULL CHECK (admitted >= 0),
  reason     text,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (rule, subject)
);
CREATE INDEX limit_override_expiry ON limit_override (expires_at);
CREATE INDEX limit_override_page ON limit_override (created_at, rule, subject);

-- One row that every change counts up, and locks: by it each process sees cheaply, and never too
-- early, that it has to read the table again.
CREATE TABLE limit_override_version (
  version bigint NOT NULL
);
INSERT INTO limit_override_version VALUES (0);
