-- Gives back what an event took of a GCRA limit, but for what of it has flowed off since. Sent twice
-- it gives back twice.
-- KEYS[1] text <microseconds of Redis>:<events that had not flowed off then>
-- ARGV[1] window in milliseconds   ARGV[2] limit, at least 1   ARGV[3] cost
-- ARGV[4] microseconds of Redis at which the event will have flowed off
-- returns 1 when there was something to give back, else 0
local limit = tonumber(ARGV[2])
local step = ARGV[1] * 1000 / limit
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at, left = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(.+)$')
-- A limit that was lowered is full at most.
local level = at and math.max(0, math.min(left, limit) - math.max(0, now - at) / step) or 0
local given = math.min(tonumber(ARGV[3]), (ARGV[4] - now) / step)
if level == 0 or given <= 0 then
  return 0
end
level = level - given
if level <= 0.000001 then
  redis.call('DEL', KEYS[1])
else
  local life = math.ceil(level * step / 1000)
  redis.call('SET', KEYS[1], string.format('%.0f:%.17g', now, level), 'PX', life)
end
return 1
