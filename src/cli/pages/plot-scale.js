/** Scales of plots: round numbers for the axis, and what lies between them in pixels. */

/** Steps that people count in. */
const STEPS = [1, 2, 2.5, 5, 10]

/** The round top of an axis that has room for `max`, and the marks from 0 up to it, three or four of them. */
export function valueAxis(max, { minTop = 1, maxTop = Number.POSITIVE_INFINITY } = {}) {
  const wanted = Math.min(Math.max(max, minTop), maxTop)
  const power = 10 ** Math.floor(Math.log10(wanted / 2))
  const step = STEPS.map((factor) => factor * power).find((candidate) => candidate * 3 >= wanted) ?? 10 * power
  const count = Math.ceil(wanted / step - 1e-9)
  const marks = Array.from({ length: count + 1 }, (_, index) => index * step)
  return { top: count * step, marks }
}

/** Marks of a time axis, in milliseconds before its end: whole minutes, four or five of them. */
export function timeMarks(windowMs) {
  const minutes = [1, 2, 5, 10, 30, 60].find((step) => windowMs / (step * 60_000) <= 6) ?? 60
  const marks = []
  for (let agoMs = 0; agoMs <= windowMs; agoMs += minutes * 60_000) marks.push(agoMs)
  return marks
}

/** From a range of values to a range of pixels. */
export function linear(fromValue, toValue, fromPixel, toPixel) {
  const factor = (toPixel - fromPixel) / (toValue - fromValue)
  return (value) => fromPixel + (value - fromValue) * factor
}
