-- Makes a try that took a slot a failure for good; sent twice it does nothing more.
-- KEYS[1] sorted set of slots
-- ARGV[1] unique id of the try
-- returns 1 when it had no outcome before, else 0
local score = redis.call('ZSCORE', KEYS[1], '~' .. ARGV[1])
if not score then
  return 0
end
-- In this order, because an empty set would vanish together with its life.
redis.call('ZADD', KEYS[1], score, ARGV[1])
redis.call('ZREM', KEYS[1], '~' .. ARGV[1])
return 1
