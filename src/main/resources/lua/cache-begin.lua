-- Begins the load of a cache entry: tells the entry's generation, and makes one when there is none,
-- so that a flush of the server between load and store is noticed. Of all processes that begin at
-- once one gets the lock and loads; the others look again, and find the entry or get the lock.
-- KEYS[1] generation of the entry   KEYS[2] lock of the load   KEYS[3] entry (one hash slot)
-- ARGV[1] unique value for a new generation   ARGV[2] life of a generation in seconds
-- ARGV[3] random token of the lock, empty to leave the lock alone   ARGV[4] lease in milliseconds
-- returns {generation, 1 when this process has the lock, the entry when there is one}
local generation = redis.call('GET', KEYS[1])
if not generation then
  generation = ARGV[1]
  redis.call('SET', KEYS[1], generation, 'EX', ARGV[2])
end
local locked = 0
if ARGV[3] ~= '' then
  local taken = redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4])
  if taken or redis.call('GET', KEYS[2]) == ARGV[3] then -- a call may be sent twice
    locked = 1
  end
end
if redis.call('TYPE', KEYS[3]).ok ~= 'string' then
  return {generation, locked, false}
end
return {generation, locked, redis.call('GET', KEYS[3])}
