-- Sliding-window counter: counts this window and the one before, and takes the part of the one
-- before that still lies within the last ARGV[1] ms as if it had been spread evenly. Sent twice it
-- counts twice.
-- KEYS[1] hash: w number of the current window, c count in it, p count in the one before
-- ARGV[1] window in milliseconds   ARGV[2] limit   ARGV[3] cost, at most the limit
-- returns {admitted 0|1, count rounded up, milliseconds until the next slot frees, or until an
--          event of this cost fits when it was refused, number of the window}
local window = ARGV[1] * 1000
local limit = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local number = math.floor(now / window)
local elapsed = now - number * window

local stored = redis.call('HMGET', KEYS[1], 'w', 'c', 'p')
local last = tonumber(stored[1] or -1)
local c = tonumber(stored[2] or 0)
local p = tonumber(stored[3] or 0)
if last ~= number then
  p = last == number - 1 and c or 0
  c = 0
end

local function total()
  return p * (window - elapsed) / window + c
end

-- Microseconds until no more than so many are counted.
local function wait(target)
  if c <= target then
    return window * (1 - (target - c) / p) - elapsed
  end
  return window - elapsed + window * (1 - target / c)
end

if total() + cost > limit then
  return {0, math.ceil(total()), math.ceil(wait(limit - cost) / 1000), number}
end
c = c + cost
redis.call('HSET', KEYS[1], 'w', string.format('%.0f', number), 'c', c, 'p', p)
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1])
local count = math.ceil(total())
return {1, count, math.ceil(wait(count - 1) / 1000), number}
