-- Readiness: proves that the server runs scripts and tells its time, which PING does not.
-- KEYS none
-- ARGV none
-- returns the server's time in seconds
return tonumber(redis.call('TIME')[1])
