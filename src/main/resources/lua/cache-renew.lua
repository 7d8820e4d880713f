-- Holds the lock of a load that is still under way for another lease.
-- KEYS[1] lock of the load
-- ARGV[1] token of the lock   ARGV[2] lease in milliseconds
-- returns 1 when it was still held, 0 when not
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
