-- Fixed-window rate limit: at most ARGV[2] in the counter of one window of the clock. The counter is
-- a plain number with a life, as other services count too; refused events are not counted. Sent
-- twice it counts twice.
-- KEYS[1] counter of the window
-- ARGV[1] life of the counter in seconds   ARGV[2] limit   ARGV[3] cost
-- ARGV[4] milliseconds until the window ends
-- returns {admitted 0|1, count, milliseconds until the window ends}
local cost = tonumber(ARGV[3])
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count + cost > tonumber(ARGV[2]) then
  return {0, count, tonumber(ARGV[4])}
end
count = redis.call('INCRBY', KEYS[1], cost)
if redis.call('TTL', KEYS[1]) < 0 then
  redis.call('EXPIRE', KEYS[1], ARGV[1])
end
return {1, count, tonumber(ARGV[4])}
