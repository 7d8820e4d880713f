-- Accepts writes, all or none: each becomes an entry of the stream, and its value the pending one
-- of its key. Entries name the key only, so a key that is written often has one value here.
-- The hash has a marker beside the values, the id from which on it has lost none.
-- KEYS[1] stream   KEYS[2] hash of pending values (same hash slot)
-- ARGV[1] kind   ARGV[2] most entries that may wait
-- ARGV[3] time of this server in milliseconds after which nothing is accepted any more, 0 for none
-- ARGV[4] and ARGV[5] milliseconds and number of a version that the new ones must be above
-- ARGV[6] ... key and value of each write
-- returns {'ok', id of each write}, {'full'} when too many wait, or {'late'}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(ARGV[3]) > 0 and now > tonumber(ARGV[3]) then
  return {'late'}
end
if redis.call('XLEN', KEYS[1]) + (#ARGV - 5) / 2 > tonumber(ARGV[2]) then
  return {'full'}
end
local answer = {'ok'}
local ms, number = tonumber(ARGV[4]), tonumber(ARGV[5])
for i = 6, #ARGV, 2 do
  local id
  if ms >= now then
    -- The clock went back, or another server took over whose clock is behind. An error tells that
    -- the stream itself is above that version by now.
    number = number + 1
    id = redis.pcall('XADD', KEYS[1], string.format('%.0f-%.0f', ms, number),
      'kind', ARGV[1], 'key', ARGV[i])
  end
  if type(id) ~= 'string' then
    id = redis.call('XADD', KEYS[1], '*', 'kind', ARGV[1], 'key', ARGV[i])
  end
  redis.call('HSET', KEYS[2], ARGV[1] .. ':' .. ARGV[i], id .. ':' .. ARGV[i + 1])
  redis.call('HSETNX', KEYS[2], 'marker', id)
  answer[#answer + 1] = id
end
return answer
