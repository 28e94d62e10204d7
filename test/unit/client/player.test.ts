/** A media element under the rules of autoplay. */
import { expect, it, vi } from 'vitest'
import { Player } from '../../../src/client/player.js'

const NOT_ALLOWED = new DOMException('no gesture', 'NotAllowedError')

/** An element whose browser allows what `allows` says. */
class FakeElement {
  srcObject: unknown = null
  muted = false
  readonly setAttribute = vi.fn()
  plays = 0
  constructor(public allows: 'sound' | 'muted' | 'nothing') {}
  play = async (): Promise<void> => {
    this.plays++
    if (this.allows === 'nothing' || (this.allows === 'muted' && !this.muted)) throw NOT_ALLOWED
  }
}

function playerOf(element: FakeElement) {
  const tell = vi.fn()
  return { tell, player: new Player(element as unknown as HTMLMediaElement, tell) }
}

const stream = () => ({}) as MediaStream

it('plays with sound where it may', async () => {
  const element = new FakeElement('sound')
  const { player, tell } = playerOf(element)
  const shown = stream()
  await player.show(shown)
  await player.show(shown)
  expect(element).toMatchObject({ srcObject: shown, muted: false, plays: 1 })
  expect(element.setAttribute).toHaveBeenCalledWith('playsinline', '')
  expect(tell).not.toHaveBeenCalled()
})

it('plays without sound where it may not, until the user wants it', async () => {
  const element = new FakeElement('muted')
  const { player, tell } = playerOf(element)
  await player.show(stream())
  expect(tell.mock.calls).toEqual([['sound']])
  expect(element.muted).toBe(true)
  await expect(player.unmute()).rejects.toBe(NOT_ALLOWED)
  element.allows = 'sound'
  await player.unmute()
  expect(element.muted).toBe(false)
})

it('tells that nothing plays at all', async () => {
  for (const muted of [false, true]) {
    const element = new FakeElement('nothing')
    element.muted = muted
    const { player, tell } = playerOf(element)
    await player.show(stream())
    expect(tell.mock.calls).toEqual([['all']])
    expect(element.plays).toBe(muted ? 1 : 2)
  }
})

it('takes no offence at a page that pauses, or shows another stream meanwhile', async () => {
  const element = new FakeElement('sound')
  element.play = () => Promise.reject(new DOMException('interrupted', 'AbortError'))
  const { player, tell } = playerOf(element)
  await player.show(stream())
  expect(tell).not.toHaveBeenCalled()
})

it('clears what it has shown, and nothing of the page', async () => {
  const element = new FakeElement('sound')
  const { player } = playerOf(element)
  await player.show(stream())
  player.clear()
  expect(element.srcObject).toBeNull()
  const other = stream()
  await player.show(stream())
  element.srcObject = other
  player.clear()
  expect(element.srcObject).toBe(other)
})
