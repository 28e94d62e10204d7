/** The best layer that comes, once it has settled. */
import { expect, it } from 'vitest'
import type { LayerInfo, MediaLayer } from '../../../src/media/types.js'
import { LayerChoice, SETTLED_MS } from '../../../src/taps/layer-choice.js'

function layers(rids: readonly string[]) {
  const alive = new Set<string>()
  const made = rids.map(
    (rid) => ({ rid, info: () => ({ alive: alive.has(rid) }) as LayerInfo }) as unknown as MediaLayer,
  )
  return { alive, made }
}

it('begins with the best that comes, and goes up to a better one that stays', () => {
  const { alive, made } = layers(['l', 'm', 'h'])
  const choice = new LayerChoice(made, undefined)
  expect(choice.choose(undefined, 0)).toBeUndefined()
  alive.add('l')
  const first = choice.choose(undefined, 100)
  expect(first?.rid).toBe('l')
  alive.add('h')
  expect(choice.choose(first, 500)?.rid).toBe('l')
  expect(choice.choose(first, 500 + SETTLED_MS - 1)?.rid).toBe('l')
  expect(choice.choose(first, 500 + SETTLED_MS)?.rid).toBe('h')
})

it('leaves a layer that does not come any more at once, for the best of the others', () => {
  const { alive, made } = layers(['l', 'm', 'h'])
  const choice = new LayerChoice(made, undefined)
  for (const rid of ['l', 'm', 'h']) alive.add(rid)
  const best = choice.choose(undefined, 0)
  expect(best?.rid).toBe('h')
  alive.delete('h')
  expect(choice.choose(best, 500)?.rid).toBe('m')
  alive.clear()
  expect(choice.choose(best, 1000)?.rid).toBe('h')
})

it('does not go up to a layer that comes and goes', () => {
  const { alive, made } = layers(['l', 'h'])
  const choice = new LayerChoice(made, undefined)
  alive.add('l')
  const low = choice.choose(undefined, 0)
  for (let ms = 500; ms < 20_000; ms += 500) {
    if ((ms / 500) % 3 === 0) alive.delete('h')
    else alive.add('h')
    expect(choice.choose(low, ms)).toBe(low)
  }
})

it('takes the layer that is wanted, there or not, and any single one', () => {
  const { alive, made } = layers(['l', 'm', 'h'])
  alive.add('h')
  expect(new LayerChoice(made, 'm').choose(undefined, 0)?.rid).toBe('m')
  expect(new LayerChoice(made, 'x').choose(undefined, 0)).toBeUndefined()
  const [single] = made
  expect(new LayerChoice([single as unknown as MediaLayer], 'm').choose(undefined, 0)).toBe(single)
})
