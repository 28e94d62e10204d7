import { describe, expect, it } from 'vitest'
import { CounterBook } from '../../../src/metrics/counter-book.js'

describe('CounterBook', () => {
  it('adds up those who count', () => {
    const book = new CounterBook<{ a: number; b: { c: number } }>()
    book.update('one', { a: 1, b: { c: 2 } })
    book.update('two', { a: 10, b: { c: 20 } })
    book.update('one', { a: 3, b: { c: 2 } })
    expect(book.total()).toEqual({ a: 13, b: { c: 22 } })
  })

  it('keeps what somebody had counted who is gone', () => {
    const book = new CounterBook<{ a: number }>()
    book.update('shard 0, first', { a: 100 })
    book.update('shard 0, second', { a: 5 })
    expect(book.total()).toEqual({ a: 105 })
  })

  it('never falls, whatever is told', () => {
    const book = new CounterBook<{ lost: number }>()
    book.update('one', { lost: 10 })
    book.update('one', { lost: 8 })
    expect(book.total()).toEqual({ lost: 10 })
    book.update('one', { lost: 11 })
    expect(book.total()).toEqual({ lost: 11 })
  })

  it('takes counts that come up later, and lists', () => {
    const book = new CounterBook<Record<string, number | number[]>>()
    expect(book.total()).toBeUndefined()
    book.update('one', { bins: [1, 0, 2] })
    book.update('two', { bins: [0, 1, 1], later: 4 })
    expect(book.total()).toEqual({ bins: [1, 1, 3], later: 4 })
  })

  it('leaves alone what it was given', () => {
    const book = new CounterBook<{ a: { b: number } }>()
    const told = { a: { b: 1 } }
    book.update('one', told)
    book.update('one', { a: { b: 5 } })
    expect(told).toEqual({ a: { b: 1 } })
  })
})
