/** The rig: a load client in Go on Pion, Pion's broadcast and a limit in C, for those who have built them. */
import { accessSync, constants } from 'node:fs'
import { join, resolve } from 'node:path'
import { canPin } from '../pinning.mjs'

/**
 * @typedef {object} Rig paths of its programs; undefined for those that are not there
 * @property {string} load the load client, without which there is no rig
 * @property {string | undefined} limit
 * @property {string | undefined} pionBroadcast
 */

/**
 * The rig in that folder, or undefined if no folder was named. Throws an Error if there is no load client in it.
 *
 * @param {string | undefined} folder
 * @returns {Rig | undefined}
 */
export function findRig(folder) {
  if (folder === undefined) return undefined
  const find = (name) => {
    const path = resolve(join(folder, name))
    return isExecutable(path) ? path : undefined
  }
  const load = find('load')
  if (load === undefined) throw new Error(`--rig: there is no program called load in ${folder}`)
  // The limit binds itself to two cores and cannot do with fewer.
  return { load, limit: canPin ? find('limit') : undefined, pionBroadcast: find('pion-broadcast') }
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
