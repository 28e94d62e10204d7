/** Where a viewer's numbers lie in its record: those that every packet of its streams changes or needs. */

/** Whether video may pass its pacer, and what that takes: one of the states below. */
export const GATE = 0
/** What has left and is not paid for yet, in bytes, as of `PAID_MS`. */
export const DEBT_BYTES = 1
export const PAID_MS = 2
/** The rate at which debts are paid, and how large they may be. */
export const BYTES_PER_MS = 3
export const OPEN_BYTES = 4

/** How many numbers a viewer has. */
export const VIEWER_RECORD_LENGTH = 8

/** Packets wait, or a probe is being sent: the pacer has to be asked. */
export const GATE_CLOSED = 0
/** Nothing is limited. */
export const GATE_UNLIMITED = 1
/** Nothing waits: a packet may pass as long as the budget is open, and is to be paid for. */
export const GATE_PACED = 2
