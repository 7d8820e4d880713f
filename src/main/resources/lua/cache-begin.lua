-- Begins the load of a cache entry: tells the entry's generation, and makes one when there is none,
-- so that a flush of the server between load and store is noticed.
-- KEYS[1] generation of the entry
-- ARGV[1] unique value for a new generation   ARGV[2] life of a generation in seconds
-- returns the generation
local generation = redis.call('GET', KEYS[1])
if generation then
  return generation
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return ARGV[1]
