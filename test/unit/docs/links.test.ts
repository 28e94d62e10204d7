import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url)

it('links of the README, the docs and the examples lead to files that exist', () => {
  const below = (folder: string) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}${name}`)
  const pages = ['README.md', 'CHANGELOG.md', ...below('docs/'), ...below('examples/')].filter((path) =>
    path.endsWith('.md'),
  )
  const broken: string[] = []
  for (const page of pages) {
    const text = readFileSync(new URL(page, root), 'utf8')
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (link === undefined || /^[a-z]+:/.test(link)) continue
      if (!existsSync(new URL(link, new URL(page, root)))) broken.push(`${page}: ${link}`)
    }
  }
  expect(pages.length).toBeGreaterThan(3)
  expect(broken).toEqual([])
})
