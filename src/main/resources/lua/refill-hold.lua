-- Takes or keeps the right to give Redis what it has lost, for one process at a time.
-- KEYS[1] the mark of the filling
-- ARGV[1] value of the mark of this process   ARGV[2] its life in seconds
-- ARGV[3] 1 when the right is held and is to be kept: then its absence tells a loss of keys
-- returns 1 when the right is held now, 0 when another has it or it was lost
local holder = redis.call('GET', KEYS[1])
if holder ~= ARGV[1] and (holder or ARGV[3] == '1') then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
