-- Says that Redis was given all it had lost, if it has lost nothing since the filling began.
-- KEYS[1] the mark that all are there   KEYS[2] the mark of the filling
-- ARGV[1] value of the mark of the filling
-- returns 1 when all are there, 0 when the filling must begin again
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[1], '1')
return 1
