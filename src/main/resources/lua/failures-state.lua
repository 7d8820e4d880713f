-- Reads a log of failures without counting anything.
-- KEYS[1] sorted set of slots, score = Redis time in microseconds
-- ARGV[1] window in milliseconds   ARGV[2] limit
-- ARGV[3] failures that cause no wait, at least 1   ARGV[4] first wait in milliseconds, 0 for none
-- returns {slots in the window, milliseconds until the oldest leaves, milliseconds until the next
--          try}
local window = ARGV[1] * 1000
local limit = tonumber(ARGV[2])
local free = tonumber(ARGV[3])
local first = ARGV[4] * 1000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = '(' .. string.format('%.0f', now - window)
local slots = redis.call('ZRANGEBYSCORE', KEYS[1], from, '+inf', 'WITHSCORES')
local count = #slots / 2
if count == 0 then
  return {0, 0, 0}
end
local wait = 0
if count >= limit then
  wait = slots[2 * (count - limit + 1)] + window - now
end
if first > 0 and count >= free then
  local grown = math.min(window, first * 2 ^ math.min(count - free, 40))
  wait = math.max(wait, slots[2 * count] + grown - now)
end
return {count, math.ceil((slots[2] + window - now) / 1000), math.max(0, math.ceil(wait / 1000))}
