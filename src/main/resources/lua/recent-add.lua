-- Adds a member to a set whose members leave one window after they were last added.
-- KEYS[1] sorted set, score = Redis time in microseconds
-- ARGV[1] window in milliseconds   ARGV[2] member
-- returns how many members there are
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1] * 1000)
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('ZCARD', KEYS[1])
