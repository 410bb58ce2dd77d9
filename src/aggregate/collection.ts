import type { Lanes, SlotAggregation } from './aggregation.ts';

/** The verbs of an aggregation without fields. */
export const noFields: Pick<SlotAggregation, 'initial' | 'onNewAll' | 'onNew' | 'onNewRow' | 'merge'> = {
  initial: [],
  onNewAll: () => {},
  onNew: () => {},
  onNewRow: () => {},
  merge: () => {},
};

/** Before `open`, there is no result to ask for. */
export const notOpen: Pick<SlotAggregation, keyof typeof noFields | 'result'> = {
  ...noFields,
  result: () => {
    throw new Error('the aggregation belongs to no state');
  },
};

/** Calls `take` with slot and value of each row that has both. */
export function eachValue(
  slotOf: Int32Array | undefined,
  lanes: Lanes,
  from: number,
  to: number,
  take: (slot: number, value: number) => void,
): void {
  const lane = lanes[0]!;
  for (let i = from; i < to; i++) {
    const slot = slotOf === undefined ? 0 : slotOf[i]!;
    const value = lane[i]!;
    if (slot >= 0 && !Number.isNaN(value)) take(slot, value);
  }
}
