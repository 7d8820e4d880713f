-- Gives the lock of a load back that brought nothing to store.
-- KEYS[1] lock of the load
-- ARGV[1] token of the lock
-- returns 1 when it was still held, 0 when not
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
