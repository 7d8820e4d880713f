-- Counts one more in a counter that lives for a fixed time from its first count. Sent twice it
-- counts twice.
-- KEYS[1] counter
-- ARGV[1] life in seconds
-- returns the count
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('TTL', KEYS[1]) < 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
return count
