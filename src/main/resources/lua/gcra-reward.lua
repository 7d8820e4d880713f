-- Gives slots of a GCRA limit back.
-- KEYS[1] text <microseconds of Redis>:<events that had not flowed off then>
-- ARGV[1] window in milliseconds   ARGV[2] limit, at least 1   ARGV[3] slots to give back
-- returns slots that were given back, fewer when no more were taken
local limit = tonumber(ARGV[2])
local step = ARGV[1] * 1000 / limit
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at, left = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(.+)$')
-- A limit that was lowered is full at most.
local level = at and math.max(0, math.min(left, limit) - math.max(0, now - at) / step) or 0
local asked = tonumber(ARGV[3])
if level <= asked then
  redis.call('DEL', KEYS[1])
  return math.ceil(level - 0.000001)
end
level = level - asked
local life = math.ceil(level * step / 1000)
redis.call('SET', KEYS[1], string.format('%.0f:%.17g', now, level), 'PX', life)
return asked
