/**
 * What is done in Redis in one step, in Lua. A script sees all that was done before it and nothing of what is done at the same time, so of any number
 * of claims one wins.
 *
 * All of them go by the clock of Redis, as leases are compared by nodes whose own clocks differ. The first argument is the latest time, in milliseconds of that
 * clock, at which the script may still do anything: a client that was cut off sends what it has kept for a minute, and a claim of a minute ago must not win
 * then. Every reply begins with `ok` or `late` and the time. Needs Redis 5 or newer (effects of scripts are replicated, not scripts).
 */

const PRELUDE = `
local clock = redis.call('TIME')
local us = clock[1] * 1000000 + clock[2]
local now = math.floor(us / 1000)
local function text(number) return string.format('%.0f', number) end
if now > tonumber(ARGV[1]) then return {'late', text(now)} end
local function keep(key, ttl)
  if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
end
local function lease(publisher)
  local held = redis.call('HGET', KEYS[1], publisher)
  held = held and cjson.decode(held)
  return held and tonumber(held.u) > now and held
end
`

/** One script: what it does, and how many of its arguments are keys. */
export interface RedisScript {
  readonly name: string
  readonly keyCount: number
  readonly lua: string
}

function script(name: string, keyCount: number, body: string): RedisScript {
  return { name, keyCount, lua: PRELUDE + body }
}

/** Keys: expiry times, loads, fixed parts. Arguments: node id, TTL, load, fixed part. */
export const BEAT = script(
  'beat',
  3,
  `
local ttl = tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], text(now + ttl), ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
for index = 1, 3 do keep(KEYS[index], ttl) end
return {'ok', text(now)}
`,
)

/** Keys as of {@link BEAT}. Arguments: node id. */
export const LEAVE = script(
  'leave',
  3,
  `
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
return {'ok', text(now)}
`,
)

/** Keys as of {@link BEAT}. Removes the nodes that ran out; replies with ids and loads by turns. */
export const NODES = script(
  'nodes',
  3,
  `
local gone
repeat
  gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now), 'LIMIT', 0, 1000)
  if #gone > 0 then
    redis.call('ZREM', KEYS[1], unpack(gone))
    redis.call('HDEL', KEYS[2], unpack(gone))
    redis.call('HDEL', KEYS[3], unpack(gone))
  end
until #gone < 1000
return {'ok', text(now), redis.call('HGETALL', KEYS[2])}
`,
)

/** Keys as of {@link BEAT}. Arguments: node ids. Replies with their fixed parts. */
export const ABOUT = script(
  'about',
  3,
  `
return {'ok', text(now), redis.call('HMGET', KEYS[3], unpack(ARGV, 2))}
`,
)

/**
 * Keys: leases of the broadcast, its newest token. Arguments: publisher, node id, URL, TTL, takeover (1 or 0), the largest token that the node knows of, TTL of the
 * token, channel, broadcast.
 *
 * A token is the time in microseconds or, if that is not more, one more than the newest: it grows even where Redis has forgotten everything.
 */
export const CLAIM = script(
  'claim',
  2,
  `
local held = lease(ARGV[2])
if held and held.n ~= ARGV[3] and ARGV[6] ~= '1' then return {'ok', text(now), 'lost', held.t, held.n, held.l} end
local newest = tonumber(redis.call('GET', KEYS[2]) or '0')
local token = text(math.max(us, newest + 1, tonumber(ARGV[7]) + 1))
local ttl = tonumber(ARGV[5])
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  if tonumber(cjson.decode(all[index + 1]).u) <= now then redis.call('HDEL', KEYS[1], all[index]) end
end
redis.call('SET', KEYS[2], token, 'PX', ARGV[8])
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode({t = token, n = ARGV[3], l = ARGV[4], u = text(now + ttl)}))
keep(KEYS[1], ttl)
redis.call('PUBLISH', ARGV[9], ARGV[10])
return {'ok', text(now), 'won', token}
`,
)

/** Keys: leases of the broadcast. Arguments: publisher, token, TTL. */
export const RENEW = script(
  'renew',
  1,
  `
local held = lease(ARGV[2])
if not held or held.t ~= ARGV[3] then return {'ok', text(now), '0'} end
local ttl = tonumber(ARGV[4])
held.u = text(now + ttl)
redis.call('HSET', KEYS[1], ARGV[2], cjson.encode(held))
keep(KEYS[1], ttl)
return {'ok', text(now), '1'}
`,
)

/** Keys: leases of the broadcast. Arguments: publisher, token, channel, broadcast. */
export const RELEASE = script(
  'release',
  1,
  `
local held = lease(ARGV[2])
if held and held.t == ARGV[3] then
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('PUBLISH', ARGV[4], ARGV[5])
end
return {'ok', text(now)}
`,
)

/** Keys: carriers of the broadcast. Arguments: node id, TTL. */
export const CARRY = script(
  'carry',
  1,
  `
local ttl = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
redis.call('ZADD', KEYS[1], text(now + ttl), ARGV[2])
keep(KEYS[1], ttl)
return {'ok', text(now)}
`,
)

/** Keys: carriers of the broadcast. Arguments: node id. */
export const DROP = script(
  'drop',
  1,
  `
redis.call('ZREM', KEYS[1], ARGV[2])
return {'ok', text(now)}
`,
)

/** Keys: leases and carriers of the broadcast. Replies with publisher, token, node id and URL by turns, and the carriers. */
export const BROADCAST = script(
  'broadcast',
  2,
  `
local origins = {}
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local held = cjson.decode(all[index + 1])
  if tonumber(held.u) > now then
    for _, part in ipairs({all[index], held.t, held.n, held.l}) do origins[#origins + 1] = part end
  end
end
return {'ok', text(now), origins, redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. text(now), '+inf')}
`,
)
