/**
 * C functions that are in the process already (its OpenSSL, its libc), called through koffi, the only optional package that does so without a compiler.
 *
 * Everything is numbers: addresses, lengths, descriptors. What they mean is checked by who calls, see `native-memory.ts`; a wrong address ends
 * the process.
 */
import { createRequire } from 'node:module'

/** The C types that parameters and results have. An `address` is passed as a number; none that Linux gives a process is beyond 2^53. */
export type NativeType = 'void' | 'int' | 'unsigned int' | 'long' | 'unsigned long' | 'size_t' | 'address'

/** A bound function. */
export type NativeFunction = (...args: number[]) => number

/** A function of ours that C calls back, until it is released. */
export interface NativeCallback {
  readonly address: number
  release(): void
}

/** The functions of the process. */
export interface NativeLibrary {
  /** The function of that name; undefined if the process has none. */
  bind(name: string, result: NativeType, parameters: readonly NativeType[]): NativeFunction | undefined
  /** Where the bytes of `buffer` lie; they never move. The buffer must outlive every use of the address. */
  addressOf(buffer: Buffer): number
  /** A copy of `length` bytes that native code owns. The address must be good: nothing checks it. */
  copyFrom(address: number, length: number): Buffer
  /** Lets C call `fn`; what it throws must not pass through C, so it does not throw. */
  callback(result: NativeType, parameters: readonly NativeType[], fn: (...args: number[]) => number): NativeCallback
  /** The system's error number of the last call that failed. */
  errno(): number
}

/** What is used of koffi, in types of our own. */
interface KoffiLike {
  load(path: string | null): { func(name: string, result: unknown, parameters: unknown[]): NativeFunction }
  address(value: unknown): bigint
  view(address: bigint | number, length: number): ArrayBuffer
  proto(name: string, result: unknown, parameters: unknown[]): unknown
  pointer(type: unknown): unknown
  register(fn: (...args: number[]) => number, type: unknown): bigint
  unregister(callback: bigint): void
  errno(): number
}

let callbackTypes = 0

/** True if koffi is installed; nothing of it is loaded. Whether it works here is not known by that. */
export function isKoffiInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('koffi')
    return true
  } catch {
    return false
  }
}

/** The functions of this process; throws an Error that says why if koffi is not installed or does not work here. */
export function loadKoffiLibrary(): NativeLibrary {
  const koffi = createRequire(import.meta.url)('koffi') as KoffiLike
  const own = koffi.load(null)
  const typeOf = (type: NativeType): string => (type === 'address' ? 'uintptr_t' : type)
  // Mostly one and the same arena is asked for, packet after packet.
  let lastBuffer: Buffer | undefined
  let lastAddress = 0
  return {
    bind(name, result, parameters) {
      try {
        return own.func(name, typeOf(result), parameters.map(typeOf))
      } catch {
        return undefined
      }
    },
    addressOf(buffer) {
      if (buffer !== lastBuffer) {
        lastAddress = Number(koffi.address(buffer))
        lastBuffer = buffer
      }
      return lastAddress
    },
    copyFrom: (address, length) => Buffer.from(Buffer.from(koffi.view(address, length))),
    callback(result, parameters, fn) {
      // The names of types are koffi's own, one table for the thread.
      const type = koffi.proto(`manycast_callback_${callbackTypes++}`, typeOf(result), parameters.map(typeOf))
      const registered = koffi.register(fn, koffi.pointer(type))
      return { address: Number(registered), release: () => koffi.unregister(registered) }
    },
    errno: () => koffi.errno(),
  }
}
