-- Makes sure that the stream of revocations exists, empty if it must be made: its absence tells
-- that Redis lost its keys.
-- KEYS[1] the stream
-- ARGV none
-- returns 1 when it was made, 0 when it was there
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
local id = redis.call('XADD', KEYS[1], '*', 'kind', 'none')
redis.call('XDEL', KEYS[1], id)
return 1
