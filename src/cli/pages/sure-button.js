/** A button for what cannot be taken back: the first click asks, the second one within a few seconds does it. */

const ASKS_FOR_MS = 4000

/** A button; see {@link makeSure}. */
export function sureButton(text, question, act) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = text
  makeSure(button, question, act)
  return button
}

/** Makes `button` ask before it calls `act`. */
export function makeSure(button, question, act) {
  const text = button.textContent
  let timer
  const calm = () => {
    clearTimeout(timer)
    timer = undefined
    button.textContent = text
    delete button.dataset.asks
  }
  button.addEventListener('blur', calm)
  button.addEventListener('click', () => {
    if (timer === undefined) {
      button.dataset.asks = ''
      button.textContent = question
      timer = setTimeout(calm, ASKS_FOR_MS)
      return
    }
    calm()
    act()
  })
}
