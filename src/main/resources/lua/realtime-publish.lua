-- Tells news of one feed: each becomes an entry of the stream and a message on the channel. News
-- that are not above the last ones told of their key are left out, so that asking again does no
-- harm and an old one never follows a newer one. Each entry and message names the one before it,
-- so that who hears them notices that one is missing.
-- KEYS[1] stream   KEYS[2] hash of the last epoch and version told of each key (same hash slot)
-- ARGV[1] channel   ARGV[2] entries to keep at least   ARGV[3] age in milliseconds to keep at most
-- ARGV[4] 1 when history is only kept while somebody listens and that long after the last news that
--         was heard: then, while nobody does, news are messages without an entry; else 0
-- ARGV[5] ... key, epoch, version (0 to be told each time) and JSON object of each
-- returns the number of news told
-- What another service has left at these keys in another form would stop all news of the feed.
for i, kind in ipairs({'stream', 'hash'}) do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= kind and found ~= 'none' then
    redis.call('UNLINK', KEYS[i])
  end
end
local passing = ARGV[4] == '1'
if passing and redis.call('EXISTS', KEYS[1]) == 0
    and redis.call('PUBSUB', 'NUMSUB', ARGV[1])[2] == 0 then
  local time = redis.call('TIME')
  local millis = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  for i = 5, #ARGV, 4 do -- those who listen by a pattern are not counted
    local data = ARGV[i + 3]
    redis.call('PUBLISH', ARGV[1], string.sub(data, 1, -2) .. (data == '{}' and '' or ',')
      .. '"id":"' .. millis .. '-' .. (i - 5) / 4 .. '"}')
  end
  return (#ARGV - 4) / 4
end
local heard = 0
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local previous = last and last[1] or '0-0'
local told = 0
for i = 5, #ARGV, 4 do
  local key, epoch, version, data = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local new = true
  if version ~= '0' then
    local seen = redis.call('HGET', KEYS[2], key)
    if seen then
      local seen_epoch, seen_version = string.match(seen, '^(-?%d+):(%d+)$')
      new = seen_epoch ~= epoch or tonumber(version) > tonumber(seen_version)
    end
  end
  if new then
    local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*',
      'data', data, 'key', key, 'prev', previous)
    local comma = data == '{}' and '' or ','
    heard = heard + redis.call('PUBLISH', ARGV[1], string.sub(data, 1, -2) .. comma
      .. '"id":"' .. id .. '","prev":"' .. previous .. '"}')
    if version ~= '0' then
      redis.call('HSET', KEYS[2], key, epoch .. ':' .. version)
    end
    previous = id
    told = told + 1
  end
end
if told > 0 then
  -- Only whole nodes go, never that of the entry just added: what was told last is always there.
  local time = redis.call('TIME')
  local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[3])
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', math.max(0, oldest)))
  if passing then
    for i = 1, 2 do -- the hash may be younger than the stream, and made while nobody listens
      if heard > 0 or redis.call('PTTL', KEYS[i]) < 0 then
        redis.call('PEXPIRE', KEYS[i], ARGV[3])
      end
    end
  end
end
return told
