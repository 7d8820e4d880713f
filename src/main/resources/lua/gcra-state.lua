-- Reads a GCRA limit without counting anything.
-- KEYS[1] text <microseconds of Redis>:<events that had not flowed off then>
-- ARGV[1] window in milliseconds   ARGV[2] limit, at least 1
-- returns {events that have not flowed off rounded up, milliseconds until the next slot frees, 0 when
--          there is none}
local limit = tonumber(ARGV[2])
local step = ARGV[1] * 1000 / limit
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at, left = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(.+)$')
-- A limit that was lowered is full at most.
local level = at and math.max(0, math.min(left, limit) - math.max(0, now - at) / step) or 0
local used = math.ceil(level - 0.000001)
if used <= 0 then
  return {0, 0}
end
return {used, math.ceil((level - used + 1) * step / 1000)}
