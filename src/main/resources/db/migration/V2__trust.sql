-- Why sessions end, the life of signing keys, API keys, and who did what.

ALTER TABLE session DROP CONSTRAINT session_end_reason_check;
ALTER TABLE session ADD CONSTRAINT session_end_reason_check CHECK (end_reason IN
  ('logout', 'reuse', 'revoked', 'password', 'disabled', 'admin', 'cap'));

-- The search of the admin's list: what an address begins with, or its domain. Byte order, because
-- a prefix is a range in no other.
CREATE INDEX account_email_search ON account ((lower(email)) COLLATE "C");
CREATE INDEX account_domain_search ON account ((split_part(lower(email), '@', 2)) COLLATE "C");
-- The addresses from which an account was used lately, ended sessions included.
CREATE INDEX session_owner ON session (user_id);

-- A key is published first, signs from signs_from on until a newer one does, and goes on verifying
-- until retired_at. private_pem may be encrypted, which it says itself, and is empty once retired.
-- Rows are added and retired, never deleted: see the generation in SigningKeyRepository.
ALTER TABLE signing_key ADD COLUMN signs_from timestamptz NOT NULL DEFAULT now();
-- The longest life of a token that any process has been configured for while the key was in use.
ALTER TABLE signing_key ADD COLUMN longest_life_seconds bigint NOT NULL DEFAULT 0;

-- Programs that call Torii. Of a key only its hash is kept; a revoked one is also in revocation.
CREATE TABLE api_key (
  id           uuid PRIMARY KEY,
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  key_hash     bytea NOT NULL UNIQUE,
  scopes       text[] NOT NULL,
  created_by   uuid REFERENCES account (id) ON DELETE SET NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE INDEX api_key_created ON api_key (created_at, id);

-- Who did what, when and from where. Rows are only ever added: see the trigger.
CREATE TABLE audit (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'service', 'operator', 'torii', 'nobody')),
  -- A user or an API key; no reference, because entries outlive accounts.
  actor_id   uuid,
  action     text NOT NULL,
  -- What it was done to: an id in the action's own sense.
  subject    text,
  ip         text,
  detail     jsonb NOT NULL DEFAULT '{}'
);
-- The order of the endpoint and of the retention, for all entries and for each filter.
CREATE INDEX audit_by_time ON audit (at, seq);
CREATE INDEX audit_by_action ON audit (action, at, seq);
CREATE INDEX audit_by_actor ON audit (actor_id, at, seq) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_by_subject ON audit (subject, at, seq);

-- Old entries may leave by the retention of the configuration, which announces itself by a setting
-- of its transaction; nothing else changes or removes one.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('torii.audit_retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
