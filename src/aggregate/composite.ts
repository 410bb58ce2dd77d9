import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { laneCount } from '../columnar/lanes.ts';
import type { Fields, Lanes, Read, SlotAggregation } from './aggregation.ts';

/** What a composite makes of its parts. */
export interface Whole extends Pick<SlotAggregation, 'output' | 'plainNumber' | 'largestTotal'> {
  /** The result out of those of the parts. */
  finish(columns: readonly Column[], length: number): Column;
}

const firstValue: readonly Read[] = [{ input: 0, as: 'value' }];

/** Several aggregations of the same inputs as one: their fields and lanes lie behind each other. */
export function composite(
  parts: readonly SlotAggregation[],
  types: readonly DataType[],
  whole: Whole,
): SlotAggregation {
  const reads = parts.map((part) => part.reads ?? firstValue);
  const lanesOf = splitter(
    reads.map((own) =>
      own.reduce((sum, { input, as }) => sum + (as === 'value' ? laneCount(types[input]!) : 1), 0),
    ),
  );
  const inWindows = parts.some((part) => part.inWindows !== undefined)
    ? composite(
        parts.map((part) => part.inWindows ?? part),
        types,
        whole,
      )
    : undefined;
  const { output, plainNumber = false, largestTotal } = whole;
  const shared = {
    output,
    plainNumber,
    ...(largestTotal === undefined ? {} : { largestTotal }),
    reads: reads.flat(),
    ...(inWindows === undefined ? {} : { inWindows }),
  };
  const joined = (opened: readonly SlotAggregation[]): SlotAggregation => {
    const fieldsOf = splitter(opened.map(({ initial }) => initial.length));
    const fromOf = splitter(opened.map(({ initial }) => initial.length));
    return {
      ...shared,
      initial: opened.flatMap(({ initial }) => initial),
      onNewAll(state, lanes, from, to) {
        for (const [k, part] of opened.entries())
          part.onNewAll(fieldsOf(state)[k]!, lanesOf(lanes)[k]!, from, to);
      },
      onNew(state, lanes, slotOf, from, to) {
        for (const [k, part] of opened.entries())
          part.onNew(fieldsOf(state)[k]!, lanesOf(lanes)[k]!, slotOf, from, to);
      },
      onNewRow(state, slot, lanes, row) {
        const fields = fieldsOf(state);
        const split = lanesOf(lanes);
        for (let k = 0; k < opened.length; k++) opened[k]!.onNewRow(fields[k]!, slot, split[k]!, row);
      },
      merge(into, slot, from, fromSlot) {
        const fields = fieldsOf(into);
        const other = fromOf(from);
        for (let k = 0; k < opened.length; k++) opened[k]!.merge(fields[k]!, slot, other[k]!, fromSlot);
      },
      ...(opened.some((part) => part.add)
        ? {
            add(slotOf: Int32Array | undefined, lanes: Lanes, from: number, to: number): void {
              for (const [k, part] of opened.entries()) part.add?.(slotOf, lanesOf(lanes)[k]!, from, to);
            },
            remove(slotOf: Int32Array | undefined, lanes: Lanes, from: number, to: number): void {
              for (const [k, part] of opened.entries()) part.remove?.(slotOf, lanesOf(lanes)[k]!, from, to);
            },
            drop(slot: number): void {
              for (const part of opened) part.drop?.(slot);
            },
            save: () => opened.map((part) => part.save?.()),
            restore(saved: object): void {
              for (const [k, part] of opened.entries()) part.restore?.((saved as object[])[k]!);
            },
          }
        : {}),
      mark(state, slots, mark) {
        for (const [k, part] of opened.entries()) part.mark?.(fieldsOf(state)[k]!, slots, mark);
      },
      result(state, slots, collections) {
        const columns = opened.map((part, k) => part.result(fieldsOf(state)[k]!, slots, collections));
        return whole.finish(columns, slots.length);
      },
    };
  };
  if (parts.every((part) => part.open === undefined)) return joined(parts);
  return {
    ...joined(parts.map((part) => ({ ...part, initial: [] }))),
    open: (context) => joined(parts.map((part) => part.open?.(context) ?? part)),
  };
}

/** Cuts lists of arrays into lists of these lengths. What it made last of the same list it gives again. */
function splitter(counts: readonly number[]): (arrays: Fields) => readonly Fields[] {
  let known: Fields | undefined;
  let split: readonly Fields[] = [];
  return (arrays) => {
    if (arrays === known) return split;
    let at = 0;
    split = counts.map((count) => {
      at += count;
      return arrays.slice(at - count, at);
    });
    known = arrays;
    return split;
  };
}
