-- Generic cell rate algorithm: ARGV[2] events per ARGV[1] ms flow off evenly, and up to ARGV[2] may
-- come at once. Kept is how many had not flowed off when the last one came: whole numbers stay
-- whole, so a limit that comes at one instant is admitted to the last. Sent twice it counts twice.
-- KEYS[1] text <microseconds of Redis>:<events that had not flowed off then>
-- ARGV[1] window in milliseconds   ARGV[2] limit, at least 1   ARGV[3] cost, at most the limit
-- returns {admitted 0|1, events that have not flowed off rounded up, milliseconds until the next slot
--          frees, or until an event of this cost fits when it was refused, microseconds of Redis at
--          which this event will have flowed off when it was admitted}
local limit = tonumber(ARGV[2])
local step = ARGV[1] * 1000 / limit
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at, left = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+):(.+)$')
-- A limit that was lowered is full at most.
local level = at and math.max(0, math.min(left, limit) - math.max(0, now - at) / step) or 0
local after = level + ARGV[3]

-- The millionth is for what division rounded.
if after > limit + 0.000001 then
  return {0, math.ceil(level - 0.000001), math.ceil((after - limit) * step / 1000)}
end
local life = math.ceil(after * step / 1000)
redis.call('SET', KEYS[1], string.format('%.0f:%.17g', now, after), 'PX', life)
local used = math.min(limit, math.ceil(after - 0.000001))
local frees = math.ceil((after - used + 1) * step / 1000)
return {1, used, frees, math.floor(now + after * step)}
