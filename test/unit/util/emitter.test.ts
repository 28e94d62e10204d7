import { describe, expect, it } from 'vitest'
import { TypedEmitter } from '../../../src/util/emitter.js'

type Events = { joined: [id: string, count: number]; left: [] }

function setup(): { emitter: TypedEmitter<Events>; heard: string[] } {
  return { emitter: new TypedEmitter<Events>(), heard: [] }
}

describe('TypedEmitter', () => {
  it('hands the arguments to every listener, in the order of their coming', () => {
    const { emitter, heard } = setup()
    emitter.on('joined', (id, count) => heard.push(`first ${id} ${count}`))
    emitter.on('joined', (id) => heard.push(`second ${id}`))
    emitter.on('left', () => heard.push('left'))
    emitter.emit('joined', 'v1', 2)
    expect(heard).toEqual(['first v1 2', 'second v1'])
    expect(emitter.listenerCount('joined')).toBe(2)
  })

  it('stops a listener through what `on` returned, and through `off`', () => {
    const { emitter, heard } = setup()
    const stop = emitter.on('left', () => heard.push('a'))
    const b = (): void => void heard.push('b')
    emitter.on('left', b)
    stop()
    stop()
    emitter.emit('left')
    emitter.off('left', b)
    emitter.emit('left')
    expect(heard).toEqual(['b'])
    expect(emitter.listenerCount('left')).toBe(0)
  })

  it('calls a listener of `once` a single time, even if it causes the event again', () => {
    const { emitter, heard } = setup()
    emitter.once('left', () => {
      heard.push('once')
      emitter.emit('left')
    })
    emitter.emit('left')
    emitter.emit('left')
    expect(heard).toEqual(['once'])
    expect(emitter.listenerCount('left')).toBe(0)
  })

  it('stops a listener of `once` before its event, either way', () => {
    const { emitter, heard } = setup()
    const listener = (): void => void heard.push('heard')
    emitter.once('left', listener)()
    emitter.once('left', listener)
    emitter.off('left', listener)
    emitter.emit('left')
    expect(heard).toEqual([])
  })

  it('keeps other listeners and the emitting code from a listener that throws', () => {
    const { emitter, heard } = setup()
    emitter.on('left', () => {
      throw new Error('broken listener')
    })
    emitter.on('left', () => heard.push('next'))
    expect(() => emitter.emit('left')).not.toThrow()
    expect(heard).toEqual(['next'])
  })

  it('forgets all listeners', () => {
    const { emitter, heard } = setup()
    emitter.on('left', () => heard.push('left'))
    emitter.removeAllListeners()
    emitter.emit('left')
    expect(heard).toEqual([])
  })
})
