-- Reads a sliding-window counter without counting anything.
-- KEYS[1] hash: w number of the current window, c count in it, p count in the one before
-- ARGV[1] window in milliseconds
-- returns {count rounded up, milliseconds until the next slot frees, 0 when nothing is counted}
local window = ARGV[1] * 1000
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
local count = math.ceil(p * (window - elapsed) / window + c)
if count == 0 then
  return {0, 0}
end
local frees
if c <= count - 1 then
  frees = window * (1 - (count - 1 - c) / p) - elapsed
else
  frees = window - elapsed + window * (1 - (count - 1) / c)
end
return {count, math.ceil(frees / 1000)}
