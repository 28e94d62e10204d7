/** Posts a message every so many milliseconds, as many as it is told. */
addEventListener('message', ({ data: intervalMs }) => {
  setInterval(() => postMessage(0), intervalMs)
})
