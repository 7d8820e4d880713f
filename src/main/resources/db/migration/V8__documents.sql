-- Documents: what was sent, until it is read; its text in parts, for search.

CREATE TABLE document (
  -- UUID of version 7, so that ids are in the order of creation.
  id           uuid PRIMARY KEY,
  owner        uuid NOT NULL,
  job_id       uuid NOT NULL,
  file_name    text NOT NULL,
  media_type   text NOT NULL,
  size         bigint NOT NULL,
  -- Null until the file is whole.
  sha256       text,
  -- receiving: the file is not whole, so that nobody was told of it.
  -- queued: its job is handed in, or about to be.
  state        text NOT NULL DEFAULT 'receiving' CHECK (state IN
    ('receiving', 'queued', 'processing', 'ready', 'failed')),
  -- Which attempt may write: an older one has lost the document to a newer.
  claim        uuid,
  -- Whose parts are the text; those of other attempts are not seen by anybody.
  run          uuid,
  language     text,
  -- Name of the text search configuration.
  config       text,
  title        text,
  pages        int,
  chunks       int,
  characters   int,
  truncated    boolean NOT NULL DEFAULT false,
  metadata     text,
  error        text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz
);
CREATE INDEX document_by_age ON document (created_at DESC, id DESC);
CREATE INDEX document_waiting ON document (created_at, id)
  WHERE state IN ('receiving', 'queued', 'processing');
CREATE INDEX document_config ON document (config) WHERE state = 'ready';

-- The bytes of a file, because another process on another machine may read it; deleted then.
CREATE TABLE document_file (
  document_id uuid NOT NULL REFERENCES document (id) ON DELETE CASCADE,
  n           int NOT NULL,
  bytes       bytea NOT NULL,
  PRIMARY KEY (document_id, n)
);
-- They are packed already, or too many to be worth it.
ALTER TABLE document_file ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The text in parts; one after the other they are the whole.
CREATE TABLE document_chunk (
  document_id uuid NOT NULL REFERENCES document (id) ON DELETE CASCADE,
  run         uuid NOT NULL,
  n           int NOT NULL,
  config      text NOT NULL,
  text        text NOT NULL,
  words       tsvector NOT NULL,
  PRIMARY KEY (document_id, run, n)
);
-- Without a list of what is pending: one unlucky statement would work it off, and take too long.
CREATE INDEX document_chunk_words ON document_chunk USING gin (words) WITH (fastupdate = off);
