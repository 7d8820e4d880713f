-- Writes a revocation so that a shorter life never replaces a longer one.
-- KEYS[1] blacklist key
-- ARGV[1] value   ARGV[2] life in seconds, at least 1
-- returns 1 when written, 0 when the key already lives as long
local left = redis.call('TTL', KEYS[1])
if left == -1 or left >= tonumber(ARGV[2]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
