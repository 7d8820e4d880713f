-- Reads when the events of a sliding log were admitted, each once, whatever it cost.
-- KEYS[1] sorted set of admitted events, score = Redis time in microseconds
-- ARGV[1] how far back in milliseconds   ARGV[2] most members, the newest ones, at least 1
-- returns {Redis time in microseconds, 1 when there are more members than that or else 0, the times
--          of the events in microseconds, the newest first ...}, all as text
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local from = '(' .. string.format('%.0f', now - ARGV[1] * 1000)
local most = tonumber(ARGV[2])
local members =
  redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', from, 'WITHSCORES', 'LIMIT', 0, most + 1)
local answer = {string.format('%.0f', now), #members > 2 * most and '1' or '0'}
for i = 1, math.min(#members, 2 * most), 2 do
  -- The members after the first of a dear event are its id, a colon and a number.
  if not string.find(members[i], ':', 1, true) then
    answer[#answer + 1] = members[i + 1]
  end
end
return answer
