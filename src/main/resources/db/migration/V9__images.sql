-- What was said of images, by their perceptual hash; and images that wait to be looked at.

-- The eight parts of a hash, each with its place. Two hashes that differ in at most seven bits have
-- at least one part in common. Not PARALLEL SAFE on purpose: a look-up takes a part of a
-- millisecond, and starting workers for it takes more.
CREATE FUNCTION image_bands(hash bit(256)) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT
RETURN ARRAY[
  substring(hash,   1, 32)::int + (0::bigint << 32), substring(hash,  33, 32)::int + (1::bigint << 32),
  substring(hash,  65, 32)::int + (2::bigint << 32), substring(hash,  97, 32)::int + (3::bigint << 32),
  substring(hash, 129, 32)::int + (4::bigint << 32), substring(hash, 161, 32)::int + (5::bigint << 32),
  substring(hash, 193, 32)::int + (6::bigint << 32), substring(hash, 225, 32)::int + (7::bigint << 32)];

CREATE TABLE image_analysis (
  phash       text PRIMARY KEY CHECK (phash ~ '^[0-9a-f]{64}$'),
  hash        bit(256) NOT NULL GENERATED ALWAYS AS (('x' || phash)::bit(256)) STORED,
  analysis    text NOT NULL,
  model       text NOT NULL,
  price       numeric NOT NULL,
  analyzed_at timestamptz NOT NULL,
  -- Set when it was made to see whether that of an image like it holds here too.
  sampled_of  text,
  distance    smallint,
  agrees      boolean
);
-- One such index took 0.3 ms for a look-up among 200,000 where eight of one band each took 0.8 ms.
CREATE INDEX image_analysis_bands ON image_analysis USING gin (image_bands(hash))
  WITH (fastupdate = off);
CREATE INDEX image_analysis_by_age ON image_analysis (analyzed_at);

-- Kept until the job that looks at the image has ended.
CREATE TABLE image_upload (
  job_id     uuid PRIMARY KEY,
  phash      text NOT NULL,
  media_type text NOT NULL,
  content    bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE image_upload ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX image_upload_by_hash ON image_upload (phash);
CREATE INDEX image_upload_by_age ON image_upload (created_at);

-- What all processes together did, a row for each kind.
CREATE TABLE image_count (
  kind  text PRIMARY KEY,
  count bigint NOT NULL,
  money numeric NOT NULL
);
