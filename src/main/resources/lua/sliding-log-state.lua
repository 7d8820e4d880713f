-- Reads a sliding log without counting anything.
-- KEYS[1] sorted set of admitted events, score = Redis time in microseconds
-- ARGV[1] window in milliseconds
-- returns {events in the window, milliseconds until the oldest leaves, 0 when there is none}
local window = tonumber(ARGV[1]) * 1000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = '(' .. string.format('%.0f', now - window)
local count = redis.call('ZCOUNT', KEYS[1], from, '+inf')
if count == 0 then
  return {0, 0}
end
local oldest = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return {count, math.ceil((oldest[2] + window - now) / 1000)}
