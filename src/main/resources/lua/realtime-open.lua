-- Begins the history of a feed that is only kept while it is followed, for one who follows it: from
-- now on news are kept, also while its link is lost.
-- KEYS[1] stream
-- ARGV[1] how long it is kept, in milliseconds
-- returns 1 when it was begun, 0 when it had been
local found = redis.call('TYPE', KEYS[1]).ok
local began = found ~= 'stream'
if began then
  redis.call('UNLINK', KEYS[1]) -- of another form when another service has left it there
  redis.call('XADD', KEYS[1], '*', 'prev', '0-0') -- a place without an event
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return began and 1 or 0
