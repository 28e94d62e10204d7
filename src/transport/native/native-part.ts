/** A part of the native path. */

/** What it is made into, or why it cannot be. */
export type NativePart<Part> = Part | { readonly reason: string }
