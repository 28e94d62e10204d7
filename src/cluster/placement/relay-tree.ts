/** Members of a tree of bounded fan-out, in an order of their own, and who of them is whose child. */
import { mixHashes } from './text-hash.js'

/** A node in a tree of relays. */
export interface TreeMember {
  readonly nodeId: string
  readonly url: string
  readonly region: string
  /** Its place in the order: parents have the smaller one. */
  readonly hash: number
}

/** How many children the root takes, how many any other member, and how many levels there may be. */
export interface TreeShape {
  readonly rootRoom: number
  readonly room: number
  readonly maxDepth: number
}

/** A member's parent, and its distance from the root. */
export interface TreePlace {
  readonly parent: TreeMember
  readonly depth: number
}

/**
 * Where a member is in the tree of `members`, which are in order: the first ones are the root's children, the next ones the children of those, and so on. Undefined if it
 * is none of them.
 */
export function placeInTree(
  members: readonly TreeMember[],
  root: TreeMember,
  shape: TreeShape,
  nodeId: string,
): TreePlace | undefined {
  const { rootRoom, room } = widened(members.length, shape)
  let parents: readonly TreeMember[] = [root]
  let start = 0
  for (let depth = 1; start < members.length; depth++) {
    const size = depth === 1 ? plannedOfRoot(members.length, rootRoom) : parents.length * planned(room)
    const level = members.slice(start, start + size)
    const index = level.findIndex((member) => member.nodeId === nodeId)
    if (index >= 0) {
      return { parent: depth === 1 ? root : parentOf(level.slice(0, index + 1), parents, room), depth }
    }
    parents = level
    start += size
  }
  return undefined
}

/**
 * The parent of the last of `children`. Each takes the one that its hash likes best and that has room, so that a parent which comes or goes changes the place of few.
 */
function parentOf(children: readonly TreeMember[], parents: readonly TreeMember[], room: number): TreeMember {
  const taken = new Int32Array(parents.length)
  let chosen = 0
  for (const child of children) {
    let best = -1
    for (const [index, parent] of parents.entries()) {
      if ((taken[index] as number) >= room) continue
      const score = mixHashes(child.hash, parent.hash)
      if (score > best) {
        best = score
        chosen = index
      }
    }
    taken[chosen] = (taken[chosen] as number) + 1
  }
  return parents[chosen] as TreeMember
}

/**
 * How many children a member is given on average when its level is full. Not as many as it has room for: a tree grows while nodes keep the parents that they have found, so who was near
 * the root of a small tree has children of that time, too.
 */
function planned(room: number): number {
  return Math.ceil(room / 2)
}

/** The same for the root, which has children of all times: about as many again for each time that the tree grows to almost three times its size. */
function plannedOfRoot(count: number, rootRoom: number): number {
  return count <= rootRoom ? rootRoom : Math.ceil(rootRoom / 4)
}

/** The shape, made wider until all have a place within its depth. */
function widened(count: number, shape: TreeShape): TreeShape {
  let { rootRoom, room } = shape
  while (count > rootRoom && places(rootRoom, room, shape.maxDepth) < count) {
    rootRoom += Math.ceil(rootRoom / 8)
    room += Math.ceil(room / 8)
  }
  return { rootRoom, room, maxDepth: shape.maxDepth }
}

function places(rootRoom: number, room: number, maxDepth: number): number {
  let level = Math.ceil(rootRoom / 4)
  let sum = level
  for (let depth = 2; depth <= maxDepth; depth++) {
    level *= planned(room)
    sum += level
  }
  return sum
}
