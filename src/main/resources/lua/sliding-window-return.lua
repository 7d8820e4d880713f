-- Gives back what an event took of a sliding-window counter, in the window in which it took it. Sent
-- twice it gives back twice.
-- KEYS[1] hash: w number of the current window, c count in it, p count in the one before
-- ARGV[1] number of the window   ARGV[2] cost
-- returns 1 when there was something to give back to, else 0
local last = tonumber(redis.call('HGET', KEYS[1], 'w') or -1)
local field
if last == tonumber(ARGV[1]) then
  field = 'c'
elseif last == ARGV[1] + 1 then
  field = 'p'
else
  return 0
end
local count = tonumber(redis.call('HGET', KEYS[1], field) or 0)
redis.call('HSET', KEYS[1], field, math.max(0, count - ARGV[2]))
return 1
