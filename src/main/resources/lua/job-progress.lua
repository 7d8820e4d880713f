-- Writes how far a job has come, unless a later attempt is known, or this one to have come farther.
-- KEYS[1] progress of the job
-- ARGV[1] JSON, beginning with its attempt and progress   ARGV[2] life in seconds, at least 1
-- ARGV[3] attempt   ARGV[4] progress, 0-100
-- returns 1 when written, 0 when what is there stays
local known = redis.call('GET', KEYS[1])
if known then
  local attempt, progress = string.match(known, '^{"attempt":(%d+),"progress":(%d+)')
  if attempt then
    local newer = tonumber(attempt) - tonumber(ARGV[3])
    if newer > 0 or (newer == 0 and tonumber(progress) > tonumber(ARGV[4])) then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
