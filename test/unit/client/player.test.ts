/** A media element under the rules of autoplay. */
import { expect, it, vi } from 'vitest'
import { Player } from '../../../src/client/player.js'

const NOT_ALLOWED = new DOMException('no gesture', 'NotAllowedError')

/** An element whose browser allows what `allows` says. */
class FakeElement {
  srcObject: unknown = null
  muted = false
  ended = false
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
  const stream = {} as MediaStream
  return { tell, stream, player: new Player(element as unknown as HTMLMediaElement, stream, tell) }
}

it('plays with sound where it may', async () => {
  const element = new FakeElement('sound')
  const { player, stream, tell } = playerOf(element)
  await player.show()
  await player.show()
  expect(element).toMatchObject({ srcObject: stream, muted: false, plays: 1 })
  expect(element.setAttribute).toHaveBeenCalledWith('playsinline', '')
  expect(tell).not.toHaveBeenCalled()
})

it('plays without sound where it may not, until the user wants it', async () => {
  const element = new FakeElement('muted')
  const { player, tell } = playerOf(element)
  await player.show()
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
    await player.show()
    expect(tell.mock.calls).toEqual([['all']])
    expect(element.plays).toBe(muted ? 1 : 2)
  }
})

it('takes no offence at a page that pauses, or shows another stream meanwhile', async () => {
  const element = new FakeElement('sound')
  element.play = () => Promise.reject(new DOMException('interrupted', 'AbortError'))
  const { player, tell } = playerOf(element)
  await player.show()
  expect(tell).not.toHaveBeenCalled()
})

it('clears what it has shown, and nothing of the page', async () => {
  const element = new FakeElement('sound')
  const { player } = playerOf(element)
  await player.show()
  player.clear()
  expect(element.srcObject).toBeNull()
  const other = {}
  await player.show()
  element.srcObject = other
  player.clear()
  expect(element.srcObject).toBe(other)
})

it('plays on when all tracks had ended and others have come, and not what the page has paused', async () => {
  const element = new FakeElement('sound')
  const { player } = playerOf(element)
  await player.show()
  await player.show()
  expect(element.plays).toBe(1)
  element.ended = true
  await player.show()
  expect(element.plays).toBe(2)
})
