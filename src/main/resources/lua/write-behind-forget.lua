-- Forgets the processes of a group that are gone and hold nothing.
-- KEYS[1] stream
-- ARGV[1] group   ARGV[2] milliseconds after which a silent process is gone
-- ARGV[3] a process that is gone whether silent or not, empty for none
-- returns the number of processes forgotten
local forgotten = 0
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then
  return 0
end
for _, consumer in ipairs(consumers) do
  local fields = {}
  for i = 1, #consumer, 2 do
    fields[consumer[i]] = consumer[i + 1]
  end
  local gone = fields.idle > tonumber(ARGV[2]) or fields.name == ARGV[3]
  if gone and fields.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], fields.name)
    forgotten = forgotten + 1
  end
end
return forgotten
