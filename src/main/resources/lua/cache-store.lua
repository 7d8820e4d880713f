-- Stores what a load brought, unless the entry was invalidated since the load began.
-- KEYS[1] entry   KEYS[2] generation of the entry (same hash slot)
-- ARGV[1] generation that the load saw   ARGV[2] value   ARGV[3] life in milliseconds
-- returns 1 when stored, 0 when the value may be old
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
