-- Gives slots of a sliding log back, the oldest first.
-- KEYS[1] sorted set of admitted events, score = Redis time in microseconds
-- ARGV[1] window in milliseconds   ARGV[2] slots to give back, at least 1
-- returns slots that were given back, fewer when no more were taken
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local old = string.format('%.0f', now - ARGV[1] * 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', old)
return redis.call('ZREMRANGEBYRANK', KEYS[1], 0, ARGV[2] - 1)
