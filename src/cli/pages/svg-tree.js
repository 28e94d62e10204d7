/** Drawings as plain objects, which tests can read, and the way from there to the page. Text stays text, wherever it comes from. */

const SVG = 'http://www.w3.org/2000/svg'

/** An element with attributes and children: elements and texts; undefined is left out. */
export function node(tag, attributes = {}, ...children) {
  return { tag, attributes, children: children.flat().filter((child) => child !== undefined) }
}

/** The element of the page that `tree` describes. */
export function draw({ tag, attributes, children }) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.map((child) => (typeof child === 'object' ? draw(child) : String(child))))
  return made
}

/** Coordinates with a tenth of a pixel. */
export function round(value) {
  return Math.round(value * 10) / 10
}
