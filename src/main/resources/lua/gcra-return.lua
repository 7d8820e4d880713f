-- Gives back what an event took of a GCRA limit. Sent twice it gives back twice.
-- KEYS[1] time at which all that was admitted will have flowed off, in microseconds of Redis
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] cost
-- returns 1 when there was something to give back to, else 0
local to = redis.call('GET', KEYS[1])
if not to then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local earlier = to - ARGV[3] * (ARGV[1] * 1000 / ARGV[2])
if earlier <= now then
  redis.call('DEL', KEYS[1])
else
  local millis = math.ceil((earlier - now) / 1000)
  redis.call('SET', KEYS[1], string.format('%.17g', earlier), 'PX', millis)
end
return 1
