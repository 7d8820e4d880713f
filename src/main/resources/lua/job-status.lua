-- Writes the state of a job unless what is there is newer.
-- KEYS[1] state of the job
-- ARGV[1] JSON, beginning with its attempt, status and updated_at
-- ARGV[2] life in seconds, at least 1
-- ARGV[3] attempt   ARGV[4] 1 for a state in which a job ends, else 0
-- ARGV[5] updated_at, ISO-8601 UTC in microseconds, so that text sorts as time
-- ARGV[6] the same of the last moment that can have been told by now; what is later is not believed
-- returns 1 when written, 0 when what is there stays
local known = redis.call('GET', KEYS[1])
if known then
  local attempt, status, updated =
    string.match(known, '^{"attempt":(%d+),"status":"(%a+)","updated_at":"([^"]+)"')
  -- The end of an attempt follows its beginning, even where two transactions began the other way.
  local ends = ARGV[4] == '1' and status == 'running' and attempt == ARGV[3]
  if attempt and not ends and updated > ARGV[5] and updated <= ARGV[6] then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
