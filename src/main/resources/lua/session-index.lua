-- Puts a session into the index of its user, drops those that are over, and lets the index live as
-- long as the last of the others.
-- KEYS[1] zset of session ids, score = expiry in epoch seconds
-- ARGV[1] session id   ARGV[2] its expiry   ARGV[3] now, both in epoch seconds
-- returns the number of sessions in the index
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then
  redis.call('EXPIREAT', KEYS[1], string.format('%.0f', last[2]))
end
return redis.call('ZCARD', KEYS[1])
