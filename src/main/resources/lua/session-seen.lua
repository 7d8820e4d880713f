-- Tells when a session was used last; one that is gone stays gone.
-- KEYS[1] session
-- ARGV[1] last_seen_at, ISO-8601 UTC in whole seconds
-- returns 1 when written, 0 when there is no such session or it was used later
local known = redis.call('GET', KEYS[1])
local at = known and string.match(known, '"last_seen_at":"([^"]*)"')
if not at or at >= ARGV[1] then
  return 0
end
local told = string.gsub(known, '"last_seen_at":"[^"]*"', '"last_seen_at":"' .. ARGV[1] .. '"', 1)
redis.call('SET', KEYS[1], told, 'KEEPTTL')
return 1
