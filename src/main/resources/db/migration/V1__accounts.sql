-- Accounts, their profiles, sessions with chains of refresh tokens, revocations, signing keys.

CREATE TABLE account (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email         text NOT NULL CHECK (length(email) <= 254),
  password_hash text NOT NULL,
  role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
  disabled_at   timestamptz,
  -- Access tokens that were issued before this instant are not accepted.
  not_before    timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX account_email ON account (lower(email));
-- The order and the cursor of the admin's list.
CREATE INDEX account_created ON account (created_at, id);
CREATE INDEX account_admins ON account (id) WHERE role = 'admin';

CREATE TABLE profile (
  user_id       uuid PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  first_name    text,
  last_name     text,
  phone         text,
  address       text,
  date_of_birth date,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

-- One row a login. Whoever changes what may still be issued for a session locks its row first.
CREATE TABLE session (
  id                  uuid PRIMARY KEY,
  user_id             uuid NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at          timestamptz NOT NULL,
  last_seen_at        timestamptz NOT NULL,
  -- Idle limit, counted again from each refresh, and the limit over all refreshes.
  expires_at          timestamptz NOT NULL,
  absolute_expires_at timestamptz NOT NULL,
  ip                  text,
  user_agent          text,
  device              text,
  ended_at            timestamptz,
  end_reason          text CHECK (end_reason IN ('logout', 'reuse')),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  CHECK (expires_at <= absolute_expires_at)
);
CREATE INDEX session_by_user ON session (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX session_expiry ON session (expires_at);

-- The chain of a session: each row is one pair of tokens, by which the same pair can be made again.
-- Only the refresh token's hash is kept, never a token.
CREATE TABLE refresh_token (
  token_hash        bytea PRIMARY KEY,
  session_id        uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  generation        int NOT NULL CHECK (generation >= 1),
  refresh_jti       uuid NOT NULL,
  access_jti        uuid NOT NULL,
  role              text NOT NULL,
  kid               text NOT NULL,
  issued_at         timestamptz NOT NULL,
  access_expires_at timestamptz NOT NULL,
  expires_at        timestamptz NOT NULL,
  spent_at          timestamptz,
  UNIQUE (session_id, generation)
);
CREATE INDEX refresh_token_expiry ON refresh_token (expires_at);

-- What must not be accepted although its signature is good. Followed by every process: a reader
-- that has seen all transactions below some id asks for the rows from that id on, so rows that
-- commit late are not missed.
CREATE TABLE revocation (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- access and refresh: the id is a jti; token: SHA-256 of the token in hex; user: a user id, whose
  -- tokens from created_at or before are revoked.
  kind       text NOT NULL CHECK (kind IN ('access', 'refresh', 'token', 'user')),
  id         text NOT NULL,
  -- When nothing that this row is about would be accepted any more.
  exp        timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (kind, id)
);
CREATE INDEX revocation_follow ON revocation (xid) WHERE kind <> 'refresh';
CREATE INDEX revocation_expiry ON revocation (exp);

CREATE TABLE signing_key (
  -- RFC 7638 thumbprint of the public key.
  kid         text PRIMARY KEY,
  private_pem text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  retired_at  timestamptz
);
