-- Reads the counter of a window without counting anything.
-- KEYS[1] counter of the window
-- ARGV[1] milliseconds until the window ends
-- returns {count, milliseconds until the window ends, 0 when nothing is counted}
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
return {count, count > 0 and tonumber(ARGV[1]) or 0}
