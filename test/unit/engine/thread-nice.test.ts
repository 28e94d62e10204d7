import { describe, expect, it } from 'vitest'
import { setThreadNice } from '../../../src/engine/thread-nice.js'

describe('setThreadNice', () => {
  it('asks for the thread that calls', () => {
    const asked: number[][] = []
    const system = { platform: 'linux', setPriority: (...args: number[]) => void asked.push(args) }
    expect(setThreadNice(-7, system)).toBeUndefined()
    expect(asked).toEqual([[0, -7]])
  })

  it('says why it is refused', () => {
    const setPriority = () => {
      throw new Error('A system error occurred: uv_os_setpriority returned EACCES (permission denied)')
    }
    expect(setThreadNice(-7, { platform: 'linux', setPriority })).toContain('EACCES')
  })

  it.each(['darwin', 'win32', 'freebsd'])(
    'leaves the process alone on %s, where there is no other nice value',
    (platform) => {
      let calls = 0
      expect(setThreadNice(-7, { platform, setPriority: () => void calls++ })).toContain('Linux')
      expect(calls).toBe(0)
    },
  )
})
