-- Takes accepted writes for one process: first those that it took before and has not finished, then
-- those that another holds for too long, then new ones. Makes the group when there is none.
-- KEYS[1] stream   KEYS[2] hash of pending values (same hash slot)
-- ARGV[1] group   ARGV[2] consumer   ARGV[3] most entries
-- ARGV[4] milliseconds after which another's are taken over
-- returns {time of this server in milliseconds, entries waiting, milliseconds since the oldest of
-- them was accepted, {id, kind, key, id, kind, key, ...}, {kind, key, value, ...}}; a value has its
-- version before a colon, and one that is missing was applied already
local function read(from)
  return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3],
    'STREAMS', KEYS[1], from)
end
local found = read('0')
if type(found) == 'table' and found.err then
  if not string.find(found.err, 'NOGROUP', 1, true) then
    return found
  end
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  found = read('0')
end
local entries = found and found[1] and found[1][2] or {}
if #entries == 0 then
  entries = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0-0', 'COUNT', ARGV[3])[2]
end
if #entries == 0 then
  found = read('>')
  entries = found and found[1] and found[1][2] or {}
end
local taken, values, seen = {}, {}, {}
for _, entry in ipairs(entries) do
  local fields = {}
  if entry and entry[2] then
    for i = 1, #entry[2], 2 do
      fields[entry[2][i]] = entry[2][i + 1]
    end
  end
  local kind, key = fields.kind or '', fields.key or ''
  if entry then
    taken[#taken + 1] = entry[1]
    taken[#taken + 1] = kind
    taken[#taken + 1] = key
  end
  local name = kind .. ':' .. key
  if not seen[name] then
    seen[name] = true
    local value = redis.call('HGET', KEYS[2], name)
    if value then
      values[#values + 1] = kind
      values[#values + 1] = key
      values[#values + 1] = value
    end
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local age = oldest and math.max(0, now - tonumber(string.match(oldest[1], '^(%d+)'))) or 0
return {now, redis.call('XLEN', KEYS[1]), age, taken, values}
