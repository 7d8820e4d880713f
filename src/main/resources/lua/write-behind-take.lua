-- Takes accepted writes for one process: those that it took before and has not finished; when there
-- are none, those that another holds for too long and new ones, each up to half, so that neither
-- keeps the other waiting. Makes the group when there is none.
-- KEYS[1] stream   KEYS[2] hash of pending values (same hash slot)
-- ARGV[1] group   ARGV[2] consumer   ARGV[3] most entries
-- ARGV[4] milliseconds after which another's are taken over   ARGV[5] id from which on to look for
-- them
-- returns {time of this server in milliseconds, entries waiting, milliseconds since the oldest of
-- them was accepted, {id, kind, key, id, kind, key, ...}, {kind, key, value, ...}, number of entries
-- whose values may have been lost, id from which on to look for another's next, '0-0' for the
-- first}; a value has its version before a colon, and one that is missing was applied already
-- unless its entry is older than the marker
local most = tonumber(ARGV[3])
local function read(from, count)
  return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', count,
    'STREAMS', KEYS[1], from)
end
local function parsed(id)
  local ms, number = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(number)
end
local found = read('0', most)
if type(found) == 'table' and found.err then
  if not string.find(found.err, 'NOGROUP', 1, true) then
    return found
  end
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  found = read('0', most)
end
local next = ARGV[5]
local entries = found and found[1] and found[1][2] or {}
if #entries == 0 then
  local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], next,
    'COUNT', math.ceil(most / 2))
  next, entries = claimed[1], claimed[2]
  found = read('>', math.max(1, most - #entries))
  for _, entry in ipairs(found and found[1] and found[1][2] or {}) do
    entries[#entries + 1] = entry
  end
end
local marker = redis.call('HGET', KEYS[2], 'marker')
local marked_ms, marked_number = parsed(marker or '0-0')
local function may_be_lost(id)
  local ms, number = parsed(id)
  return not marker or ms < marked_ms or (ms == marked_ms and number < marked_number)
end
local lost = 0
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
  if kind ~= '' and not seen[name] then
    seen[name] = true
    local value = redis.call('HGET', KEYS[2], name)
    if value then
      values[#values + 1] = kind
      values[#values + 1] = key
      values[#values + 1] = value
    elseif entry and may_be_lost(entry[1]) then
      lost = lost + 1
    end
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local age = oldest and math.max(0, now - tonumber(string.match(oldest[1], '^(%d+)'))) or 0
return {now, redis.call('XLEN', KEYS[1]), age, taken, values, lost, next}
