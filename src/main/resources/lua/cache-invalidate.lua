-- Drops an entry and refuses every load of it that has begun.
-- KEYS[1] entry   KEYS[2] generation of the entry (same hash slot)
-- ARGV[1] unique value for the new generation   ARGV[2] life of a generation in seconds
-- returns 1 when an entry was there, 0 otherwise
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
return redis.call('DEL', KEYS[1])
