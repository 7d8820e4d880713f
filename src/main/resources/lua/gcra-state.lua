-- Reads a GCRA limit without counting anything.
-- KEYS[1] time at which all that was admitted will have flowed off, in microseconds of Redis
-- ARGV[1] window in milliseconds   ARGV[2] limit
-- returns {events that have not flowed off rounded up, milliseconds until the next slot frees, 0 when
--          there is none}
local step = ARGV[1] * 1000 / ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local left = (redis.call('GET', KEYS[1]) or 0) - now
if left <= 0 then
  return {0, 0}
end
local level = math.ceil(left / step - 0.000001)
return {level, math.ceil((left - (level - 1) * step) / 1000)}
