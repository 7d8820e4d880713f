-- Generic cell rate algorithm: ARGV[2] events per ARGV[1] ms flow off evenly, and up to ARGV[2] may
-- come at once. One number is kept: the time at which all that was admitted will have flowed off.
-- Sent twice it counts twice.
-- KEYS[1] that time, in microseconds of Redis
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] cost, at most the limit
-- returns {admitted 0|1, events that have not flowed off rounded up, milliseconds until the next slot
--          frees, or until an event of this cost fits when it was refused}
local window = ARGV[1] * 1000
local step = window / ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local to = from + ARGV[3] * step

-- A time of today has room for quarters of a microsecond only, so one is let go.
if to - now > window + 1 then
  local level = math.ceil((from - now) / step - 0.000001)
  return {0, level, math.ceil((to - now - window) / 1000)}
end
redis.call('SET', KEYS[1], string.format('%.17g', to), 'PX', math.ceil((to - now) / 1000))
local level = math.ceil((to - now) / step - 0.000001)
return {1, math.min(level, tonumber(ARGV[2])), math.ceil((to - now - (level - 1) * step) / 1000)}
