-- Gives slots of a window's counter back.
-- KEYS[1] counter of the window
-- ARGV[1] slots to give back, at least 1
-- returns slots that were given back, fewer when no more were taken
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
local given = math.min(count, tonumber(ARGV[1]))
if given > 0 then
  redis.call('DECRBY', KEYS[1], given)
end
return given
