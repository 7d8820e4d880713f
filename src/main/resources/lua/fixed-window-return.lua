-- Gives back what an event took of a window's counter, if the counter still lives. Sent twice it
-- gives back twice.
-- KEYS[1] counter of the window
-- ARGV[1] cost
-- returns the count
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local given = math.min(count, tonumber(ARGV[1]))
if given > 0 then
  count = redis.call('DECRBY', KEYS[1], given)
end
return count
