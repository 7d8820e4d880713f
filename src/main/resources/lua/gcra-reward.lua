-- Gives slots of a GCRA limit back.
-- KEYS[1] time at which all that was admitted will have flowed off, in microseconds of Redis
-- ARGV[1] window in milliseconds   ARGV[2] limit, at least 1   ARGV[3] slots to give back
-- returns slots that were given back, fewer when no more were taken
local step = ARGV[1] * 1000 / ARGV[2]
local asked = tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local left = (redis.call('GET', KEYS[1]) or 0) - now
if left <= 0 then
  return 0
end
if left <= asked * step then
  redis.call('DEL', KEYS[1])
  return math.ceil(left / step - 0.000001)
end
local to = now + left - asked * step
redis.call('SET', KEYS[1], string.format('%.17g', to), 'PX', math.ceil((to - now) / 1000))
return asked
