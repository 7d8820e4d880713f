-- Writes the state of a job as Celery does, and tells those who wait for it. SUCCESS stays, whoever
-- wrote it; so does what is newer.
-- KEYS[1] result of the job, also the channel
-- ARGV[1] JSON, ending with its retries and updated_at; empty to remove what is older
-- ARGV[2] life in seconds, at least 1
-- ARGV[3] retries, the attempts before   ARGV[4] 1 when this ends the attempt, else 0
-- ARGV[5] updated_at, ISO-8601 UTC in microseconds, so that text sorts as time
-- returns 1 when written and told, or removed; 0 when what is there stays
local known = redis.call('GET', KEYS[1])
if known == ARGV[1] then
  return 0
end
local retries, updated
if known then
  local status = string.match(known, '^{"status": ?"(%u+)"')
  if not status then -- another writer's, in another order
    local readable, meta = pcall(cjson.decode, known)
    status = readable and type(meta) == 'table' and meta.status
  end
  if status == 'SUCCESS' then
    return 0
  end
  retries, updated = string.match(known, '"retries":(%d+),"updated_at":"([^"]+)"}$')
  -- The end of an attempt follows its beginning, even where two transactions began the other way.
  local begun = status == 'STARTED' or status == 'PROGRESS'
  local ends = ARGV[4] == '1' and begun and retries == ARGV[3]
  if updated and not ends and updated > ARGV[5] then
    return 0
  end
end
if ARGV[1] == '' then
  return updated and redis.call('DEL', KEYS[1]) or 0 -- not what another has written
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
