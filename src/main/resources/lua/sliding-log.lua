-- Sliding-log rate limit: admit at most ARGV[2] events in any window of ARGV[1] ms.
-- Exact: each admitted event is a member, refused ones leave no trace. Sent twice, an event counts
-- once, because its member is unique.
-- KEYS[1] sorted set of admitted events, score = Redis time in microseconds
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] unique event id
-- returns {admitted 0|1, remaining, milliseconds until the next slot frees}
local key = KEYS[1]
local window = tonumber(ARGV[1]) * 1000
local limit = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
local count = redis.call('ZCARD', key)
local admitted = 1
if count < limit then
  redis.call('ZADD', key, now, ARGV[3])
  redis.call('PEXPIRE', key, ARGV[1])
  if count == 0 then
    return {1, limit - 1, ARGV[1]}
  end
  count = count + 1
elseif not redis.call('ZSCORE', key, ARGV[3]) then
  admitted = 0
end

-- With a limit that was lowered, more than one event must leave before a slot frees.
local leaving = math.max(0, count - limit)
local oldest = redis.call('ZRANGE', key, leaving, leaving, 'WITHSCORES')
local wait = math.ceil((oldest[2] + window - now) / 1000)
return {admitted, math.max(0, limit - count), wait}
