-- Takes an event out of a sliding log; one that is not there is no fault. Sent twice it does
-- nothing more.
-- KEYS[1] sorted set of admitted events
-- ARGV[1] unique event id   ARGV[2] cost: members that it took
-- returns the members that were taken out
local cost = tonumber(ARGV[2])
local gone = redis.call('ZREM', KEYS[1], ARGV[1])
for first = 2, cost, 500 do
  local members = {}
  for i = first, math.min(cost, first + 499) do
    members[#members + 1] = ARGV[1] .. ':' .. i
  end
  gone = gone + redis.call('ZREM', KEYS[1], unpack(members))
end
return gone
