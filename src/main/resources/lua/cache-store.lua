-- Stores what a load brought, unless the entry was invalidated since the load began, and gives the
-- lock of the load back.
-- KEYS[1] generation of the entry   KEYS[2] lock of the load   KEYS[3] entry   KEYS[4] stale copy
-- (one hash slot)
-- ARGV[1] generation that the load saw   ARGV[2] token of the lock   ARGV[3] value
-- ARGV[4] life in milliseconds   ARGV[5] life of the stale copy in milliseconds, 0 for none
-- returns 1 when stored, 0 when the value may be old
if redis.call('GET', KEYS[2]) == ARGV[2] then
  redis.call('DEL', KEYS[2])
end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
if ARGV[5] == '0' then
  redis.call('DEL', KEYS[4])
else
  redis.call('SET', KEYS[4], ARGV[3], 'PX', ARGV[5])
end
return 1
