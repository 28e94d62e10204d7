/** The colours of the dashboard's drawings stand out from what they lie on (WCAG 2.2, 1.4.3 and 1.4.11), in light and in dark. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = ['style.css', 'plots.css']
  .map((name) => readFileSync(new URL(`../../../../src/cli/pages/${name}`, import.meta.url), 'utf8'))
  .join('')
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
)

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(name: string, on: string, scheme: 'light' | 'dark'): number {
  const [a, b] = [name, on].map((one) => luminance(colours.get(one)?.[scheme] ?? '#000000')) as [number, number]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  it.each(['series-0', 'series-1', 'series-2', 'series-3', 'series-4'])('%s can be seen on a card', (name) => {
    expect(contrast(name, 'card', scheme)).toBeGreaterThanOrEqual(3)
  })

  it.each(['text', 'soft', 'accent', 'good', 'warn', 'bad'])('%s can be read on a card', (name) => {
    expect(contrast(name, 'card', scheme)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['series-0', 'series-2'])('what is written on bars of %s can be read', (name) => {
    expect(contrast('card', name, scheme)).toBeGreaterThanOrEqual(4.5)
  })
})
