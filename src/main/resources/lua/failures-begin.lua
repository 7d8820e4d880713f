-- Takes a slot for a try that may fail. Refused while the log is full, and while the wait is not
-- over that doubles with each failure beyond the free ones. A slot counts as a failure until it is
-- given back, so tries at one moment get no more than they would one after the other. Sent twice,
-- a try takes one slot.
-- KEYS[1] sorted set of slots, score = Redis time in microseconds; a member that begins with ~ is a
--         try without an outcome yet
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] unique id of the try
-- ARGV[4] failures that cause no wait, at least 1   ARGV[5] first wait in milliseconds, 0 for none
-- returns {admitted 0|1, slots left, milliseconds until the next try if this one fails or was
--          refused, 1 when what refused it may still be given back}
local key = KEYS[1]
local window = ARGV[1] * 1000
local limit = tonumber(ARGV[2])
local member = '~' .. ARGV[3]
local free = tonumber(ARGV[4])
local first = ARGV[5] * 1000
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
local count = redis.call('ZCARD', key)

local function wait()
  local longest = 0
  if count >= limit then
    local leaves = redis.call('ZRANGE', key, count - limit, count - limit, 'WITHSCORES')
    longest = leaves[2] + window - now
  end
  if first > 0 and count >= free then
    local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
    local grown = math.min(window, first * 2 ^ math.min(count - free, 40))
    longest = math.max(longest, newest[2] + grown - now)
  end
  return math.ceil(longest / 1000)
end

if not redis.call('ZSCORE', key, member) then
  local millis = wait()
  if millis > 0 then
    local open = 0
    for _, slot in ipairs(redis.call('ZRANGE', key, -32, -1)) do
      if string.sub(slot, 1, 1) == '~' then
        open = 1
      end
    end
    return {0, math.max(0, limit - count), millis, open}
  end
  redis.call('ZADD', key, now, member)
  redis.call('PEXPIRE', key, ARGV[1])
  count = count + 1
end
return {1, math.max(0, limit - count), math.max(0, wait()), 0}
