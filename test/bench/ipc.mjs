/** Requests from the bench to its children over Node's IPC channel: one message out, one message back. */

/**
 * In a child: answers requests with these functions, and ends the process when the bench goes away.
 *
 * @param {Record<string, (params: any) => unknown>} handlers
 */
export function answerRequests(handlers) {
  process.on('message', async ({ id, method, params }) => {
    let reply
    try {
      reply = { id, result: await handlers[method](params) }
    } catch (error) {
      reply = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
    }
    if (process.connected) process.send(reply)
  })
  process.on('disconnect', () => process.exit(0))
}

/**
 * In a child: tells the bench that it may begin.
 *
 * @param {Record<string, unknown>} details
 */
export function announceReady(details = {}) {
  process.send?.({ ready: true, ...details })
}
