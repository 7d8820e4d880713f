-- Gives slots of a sliding-window counter back: those of the window before first, as far as they
-- still count.
-- KEYS[1] hash: w number of the current window, c count in it, p count in the one before
-- ARGV[1] window in milliseconds   ARGV[2] slots to give back, at least 1
-- returns slots that were given back, fewer when no more were taken
local window = ARGV[1] * 1000
local asked = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local number = math.floor(now / window)
local part = 1 - (now - number * window) / window
local stored = redis.call('HMGET', KEYS[1], 'w', 'c', 'p')
local last = tonumber(stored[1] or -1)
local c = tonumber(stored[2] or 0)
local p = tonumber(stored[3] or 0)
if last == number - 1 then
  p = c
  c = 0
elseif last ~= number then
  return 0
end
local older = math.min(asked, math.ceil(p * part))
p = math.max(0, p - older / part)
local newer = math.min(asked - older, c)
local left = redis.call('PTTL', KEYS[1])
redis.call('HSET', KEYS[1], 'w', string.format('%.0f', number), 'c', c - newer, 'p', p)
redis.call('PEXPIRE', KEYS[1], math.max(left, 1))
return older + newer
