/** `manycast/testing`: fakes for unit tests of what is built on manycast. */
export { type FakeCall, type FakeSession, type FakeTarget, type FakeTargetOptions, fakeTarget } from './fake-target.js'
