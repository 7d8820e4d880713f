-- Sliding-log rate limit: admit at most ARGV[2] events in any window of ARGV[1] ms.
-- Exact: each admitted event is a member, refused ones leave no trace. Sent twice, an event counts
-- once, because its members are unique.
-- KEYS[1] sorted set of admitted events, score = Redis time in microseconds
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] unique event id
-- ARGV[4] cost: members that the event takes, at most the limit
-- returns {admitted 0|1, members in the window, milliseconds until the next slot frees, or until
--          an event of this cost fits when it was refused}
local key = KEYS[1]
local window = ARGV[1] * 1000
local limit = tonumber(ARGV[2])
local cost = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- The oldest event is needed for the answer; mostly it also tells that none has left the window.
local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
if oldest[2] and tonumber(oldest[2]) <= now - window then
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
end
local count = oldest[1] and redis.call('ZCARD', key) or 0

local admitted = 1
if count + cost <= limit then
  count = count + redis.call('ZADD', key, 'NX', now, ARGV[3])
  for first = 2, cost, 500 do
    local members = {}
    for i = first, math.min(cost, first + 499) do
      members[#members + 1] = now
      members[#members + 1] = ARGV[3] .. ':' .. i
    end
    count = count + redis.call('ZADD', key, 'NX', unpack(members))
  end
  redis.call('PEXPIRE', key, ARGV[1])
else
  admitted = redis.call('ZSCORE', key, ARGV[3]) and 1 or 0
  local leaving = count + cost - limit - 1
  if admitted == 0 and leaving > 0 then
    -- A dear event, or a limit that was lowered: more than one member must leave before it fits.
    oldest = redis.call('ZRANGE', key, leaving, leaving, 'WITHSCORES')
  end
end
local frees = (oldest[2] or now) + window
return {admitted, count, math.ceil((frees - now) / 1000)}
