-- Writes a session again unless Redis has it as a later refresh made it.
-- KEYS[1] session
-- ARGV[1] JSON   ARGV[2] life in seconds, at least 1
-- ARGV[3] expires_at of the JSON, ISO-8601 UTC in whole seconds, so that text sorts as time
-- returns 1 when written, 0 when what is there stays
local known = redis.call('GET', KEYS[1])
if known then
  local readable, session = pcall(cjson.decode, known)
  local at = readable and type(session) == 'table' and session.expires_at
  if type(at) == 'string' and at >= ARGV[3] then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
