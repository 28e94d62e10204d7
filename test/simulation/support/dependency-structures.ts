/** The dependency structure of a {@link LayerMode}, with the indications that libwebrtc's encoders give. */
import type { WrittenStructure, WrittenTemplate } from '../../unit/media/codecs/dependency-bytes.js'
import { frameNeeds, type LayerMode, patternOf } from './layer-patterns.js'

/** A structure, and the place in it of each frame: keyframes by spatial id, others by spatial id and place in the pattern. */
export interface LayerStructure {
  readonly structure: WrittenStructure
  templateOf(spatialId: number, place: number, key: boolean): number
}

interface Entry {
  readonly template: WrittenTemplate
  readonly name: string
}

const nameOf = (spatialId: number, place: number, key: boolean): string => `${spatialId} ${key ? 'key' : place}`

/** The structure whose templates begin at id `templateIdOffset`. */
export function structureOf(mode: LayerMode, templateIdOffset: number): LayerStructure {
  const pattern = patternOf('any', mode, true)
  const entries: Entry[] = []
  const add = (spatialId: number, place: number, key: boolean): void => {
    const { temporalId, needs } = pattern[place] ?? { temporalId: 0, needs: [] }
    const template = {
      spatialId,
      temporalId,
      indications: indications(mode, spatialId, temporalId, key),
      frameDiffs: frameNeeds(mode, needs, spatialId, key),
      chainDiffs: [],
    }
    entries.push({ template, name: nameOf(spatialId, place, key) })
  }
  for (let spatialId = 0; spatialId < mode.spatial; spatialId++) {
    add(spatialId, 0, true)
    for (const place of pattern.keys()) add(spatialId, place, false)
  }
  entries.sort((a, b) => a.template.spatialId - b.template.spatialId || a.template.temporalId - b.template.temporalId)
  const structure: WrittenStructure = {
    templateIdOffset,
    targetCount: mode.spatial * mode.temporal,
    chainCount: 0,
    templates: entries.map(({ template }) => template),
  }
  return {
    structure,
    templateOf: (spatialId, place, key) => {
      const at = entries.findIndex(({ name }) => name === nameOf(spatialId, place, key))
      return (templateIdOffset + at) % 64
    },
  }
}

function indications(mode: LayerMode, spatialId: number, temporalId: number, key: boolean): string {
  let letters = ''
  for (let spatial = 0; spatial < mode.spatial; spatial++) {
    for (let temporal = 0; temporal < mode.temporal; temporal++) {
      letters += indication(mode, spatial - spatialId, temporal - temporalId, temporalId, key)
    }
  }
  return letters
}

/** @param above how many spatial layers the target has above the frame. @param faster the same for temporal ones. */
function indication(mode: LayerMode, above: number, faster: number, temporalId: number, key: boolean): string {
  if (above < 0 || faster < 0) return '-'
  if (key) return 'S'
  if (above > 0) return mode.keyOnly ? '-' : 'R'
  return faster === 0 && temporalId > 0 ? 'D' : 'S'
}
