import { describe, expect, it } from 'vitest'
import { SlotAssignment } from '../../../../src/media/egress/slot-assignment.js'
import type { MediaSource } from '../../../../src/media/types.js'

const source = (id: string, kinds: ('audio' | 'video')[] = ['video']): MediaSource => ({
  id,
  tracks: kinds.map((kind, i) => ({ id: `${id}-${i}`, kind, extensions: [], layers: [] })),
})
const feeds = (...names: string[]) => new Map(names.map((name) => [name, source(name)]))
const carried = (slots: SlotAssignment, sources: ReadonlyMap<string, MediaSource>) =>
  slots.assign(sources).map(({ feed }) => feed)

describe('the streams of a viewer', () => {
  it('carry the publishers in the order in which they came', () => {
    expect(carried(new SlotAssignment('video', 3), feeds('a', 'b'))).toEqual(['a', 'b', undefined])
  })

  it('keep their publisher when another one goes or comes', () => {
    const slots = new SlotAssignment('video', 3)
    carried(slots, feeds('a', 'b'))
    expect(carried(slots, feeds('b'))).toEqual([undefined, 'b', undefined])
    expect(carried(slots, feeds('b', 'c'))).toEqual([undefined, 'b', 'c'])
    expect(carried(slots, feeds('b', 'c', 'a'))).toEqual(['a', 'b', 'c'])
  })

  it('are given away when there is nothing else left', () => {
    const slots = new SlotAssignment('video', 2)
    carried(slots, feeds('a', 'b'))
    expect(carried(slots, feeds('b', 'c'))).toEqual(['c', 'b'])
    // Its place is taken: it waits until one is free.
    expect(carried(slots, feeds('b', 'c', 'a'))).toEqual(['c', 'b'])
    expect(carried(slots, feeds('c', 'a'))).toEqual(['c', 'a'])
  })

  it('go on with the newer publisher of the same name', () => {
    const slots = new SlotAssignment('video', 1)
    carried(slots, feeds('a'))
    const replaced = new Map([['a', source('newer')]])
    expect(slots.assign(replaced)[0]?.track?.id).toBe('newer-0')
  })

  it('take their own kind only, and several tracks of one publisher', () => {
    const both = new Map([['a', source('a', ['audio', 'video', 'video'])]])
    const videos = new SlotAssignment('video', 3).assign(both)
    expect(videos.map(({ track }) => track?.id)).toEqual(['a-1', 'a-2', undefined])
  })
})
