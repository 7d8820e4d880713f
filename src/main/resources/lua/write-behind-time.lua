-- The time of the server that has the accepted writes.
-- KEYS[1] stream, which names the server
-- ARGV none
-- returns milliseconds since 1970
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)
