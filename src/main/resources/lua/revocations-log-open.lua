-- Makes sure that the stream of revocations exists, empty if it must be made: its absence tells
-- that Redis lost its keys. It is made only when Redis has lost none since the filling began.
-- KEYS[1] the stream   KEYS[2] the mark of the filling, set before its first key
-- ARGV[1] value of the mark
-- returns 1 when the stream is there, 0 when the filling must begin again
local whole = redis.call('GET', KEYS[2]) == ARGV[1]
redis.call('DEL', KEYS[2])
if not whole then
  return 0
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  local id = redis.call('XADD', KEYS[1], '*', 'kind', 'none')
  redis.call('XDEL', KEYS[1], id)
end
return 1
