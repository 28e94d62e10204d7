/** Where the bytes of one file go. */

/** Takes bytes by their position in the file. */
export interface ByteTarget {
  /** What the sidecar calls it. */
  readonly name: string
  /** Whether only what follows can be written, as to a stream. */
  readonly appendsOnly: boolean
  /** Bytes written so far, the length of the file. */
  readonly bytes: number
  /** Takes `data`, which is not changed any more; waits where too much is on its way. */
  write(data: Uint8Array, position: number): Promise<void>
  /** What was taken is with the operating system, or the stream. */
  flush(): Promise<void>
  /** Nothing follows. */
  close(): Promise<void>
}
