-- Tells the generation of a group of entries, or begins the next one, which drops all its entries.
-- A lost generation begins at the server's time, so that no number ever returns.
-- KEYS[1] generation of the group
-- ARGV[1] 1 to begin the next generation, 0 to read
-- returns the generation as text
local generation = redis.call('GET', KEYS[1])
if not generation then
  local now = redis.call('TIME')
  generation = now[1] .. string.format('%06d', now[2])
  redis.call('SET', KEYS[1], generation)
elseif ARGV[1] == '1' then
  generation = string.format('%.0f', redis.call('INCR', KEYS[1]))
end
return generation
