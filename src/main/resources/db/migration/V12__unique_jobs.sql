-- The newest job of a unique key in each state is one step in the index, however many of the key are
-- kept. Before, all of them were read and sorted, under the locks of the keys.
CREATE INDEX job_of_unique_key ON job (type, unique_key, state, created_at DESC)
  WHERE unique_key IS NOT NULL;
DROP INDEX job_unique;
