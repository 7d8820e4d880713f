-- Finishes entries that one process took: those of applied writes leave the stream, those that it
-- could not apply are left to any process. A pending value goes if it is the applied one, and the
-- marker of the hash with the last entry.
-- KEYS[1] stream   KEYS[2] hash of pending values (same hash slot)
-- ARGV[1] group   ARGV[2] number of entries to finish   ARGV[3] number of entries to leave
-- ARGV[4] ... the ids to finish, the ids to leave, then name and version of each applied value
-- returns the number of entries that wait
local next = 4
for _ = 1, tonumber(ARGV[2]) do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[next])
  redis.call('XDEL', KEYS[1], ARGV[next])
  next = next + 1
end
for _ = 1, tonumber(ARGV[3]) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], 'nobody', '0', ARGV[next], 'JUSTID')
  next = next + 1
end
for i = next, #ARGV, 2 do
  local value = redis.call('HGET', KEYS[2], ARGV[i])
  if value and string.sub(value, 1, #ARGV[i + 1] + 1) == ARGV[i + 1] .. ':' then
    redis.call('HDEL', KEYS[2], ARGV[i])
  end
end
local waiting = redis.call('XLEN', KEYS[1])
if waiting == 0 then
  redis.call('HDEL', KEYS[2], 'marker')
end
return waiting
