export {
  assertBatchInvariant,
  BatchInvarianceError,
  type BatchInvariantOptions,
  type Followable,
} from './batch-invariant.ts';
export { settle, VirtualClock, type VirtualClockOptions } from './virtual-clock.ts';
