/** An Sfu on a fake engine and a virtual clock, and those two. */
export { sfuOnFakeEngine as fakeSfu } from '../../src/testing/fake-sfu.js'
