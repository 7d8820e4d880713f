-- Makes a value that was just written the entry, or drops the entry when somebody else wrote too:
-- of two writers at once only the database knows which came last. Loads under way store nothing.
-- KEYS[1] generation of the entry   KEYS[2] lock of the load   KEYS[3] entry   KEYS[4] stale copy
-- (one hash slot)
-- ARGV[1] generation before the write
-- ARGV[2] unique value for the new generation   ARGV[3] life of a generation in seconds
-- ARGV[4] value   ARGV[5] life in milliseconds   ARGV[6] life of the stale copy in milliseconds,
-- 0 for none
-- returns 1 when stored, 0 when dropped
local before = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
if before ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
if ARGV[6] ~= '0' then
  redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[6])
end
return 1
