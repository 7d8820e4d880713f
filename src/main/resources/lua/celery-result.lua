-- Writes the state of a job as Celery does, and tells those who wait for it. SUCCESS stays, whoever
-- wrote it; so does what a later attempt wrote, and the end of an attempt against its beginning.
-- KEYS[1] result of the job, also the channel
-- ARGV[1] JSON, ending with its retries   ARGV[2] life in seconds, at least 1
-- ARGV[3] retries, the attempts before   ARGV[4] 1 when this ends the attempt, else 0
-- returns 1 when written and told, 0 when what is there stays
local known = redis.call('GET', KEYS[1])
if known == ARGV[1] then
  return 0
end
if known then
  local status = string.match(known, '^{"status": ?"(%u+)"')
  if not status then -- another writer's, in another order
    local readable, meta = pcall(cjson.decode, known)
    status = readable and type(meta) == 'table' and meta.status
  end
  if status == 'SUCCESS' then
    return 0
  end
  local retries = string.match(known, '"retries":(%d+)}$')
  if retries then
    local newer = tonumber(retries) - tonumber(ARGV[3])
    local ended = status ~= 'STARTED' and status ~= 'PROGRESS'
    if newer > 0 or (newer == 0 and ended and ARGV[4] == '0') then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
