import { DataType, Utf8 } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { columnOfLanes, laneCount } from '../columnar/lanes.ts';
import { isString } from '../columnar/types.ts';
import type { Fields, Read, SlotAggregation, StateContext } from './aggregation.ts';
import type { Codes } from './codes.ts';
import { notOpen } from './collection.ts';
import { isOrdered } from './extreme.ts';

/** Which row is wanted, and what of it. */
export interface Picked {
  /** The input whose value is the result, and its type. */
  readonly input: number;
  readonly type: DataType;
  /**
   * The input that must be least (`sign` 1) or greatest (-1); of rows that are equal in it the first. Default: the
   * order of arrival.
   */
  readonly by?: { readonly input: number; readonly type: DataType };
  readonly sign: 1 | -1;
  /** Another input of numbers that the row must have. */
  readonly needs?: number;
}

/** Strings, also those of a dictionary. */
export function isText(type: DataType): boolean {
  return isString(DataType.isDictionary(type) ? type.dictionary : type);
}

/** Whether the values of a type can be a result: numbers, booleans, times and strings. */
export function isValue(type: DataType): boolean {
  return isOrdered(type) || isText(type);
}

/**
 * The value of one row, in its own type; null where no row has all that is asked for. The fields of a slot are the
 * lanes of that row: the value, what it goes by, and its arrival.
 */
export function pick({ input, type, by, sign, needs }: Picked): SlotAggregation {
  const valueLanes = isText(type) ? 1 : laneCount(type);
  const byLanes = by === undefined ? 0 : isText(by.type) ? 1 : laneCount(by.type);
  const reads: Read[] = [{ input, as: isText(type) ? 'code' : 'value' }];
  if (by !== undefined) reads.push({ input: by.input, as: isText(by.type) ? 'code' : 'value' });
  if (needs !== undefined) reads.push({ input: needs, as: 'number' });
  reads.push({ input: 0, as: 'arrival' });
  const arrival = valueLanes + byLanes + Number(needs !== undefined);
  const output = isText(type) ? new Utf8() : type;

  const open = ({ codes }: StateContext): SlotAggregation => {
    const values = isText(type) ? codes(input) : undefined;
    const bys = by !== undefined && isText(by.type) ? codes(by.input) : undefined;
    const isBetter = betterRow(valueLanes, byLanes, arrival, sign, bys);
    const offer = (state: Fields, slot: number, from: Fields, row: number): void => {
      if (Number.isNaN(from[0]![row]) || Number.isNaN(from[arrival]![row])) return;
      if (Number.isNaN(from[arrival - 1]![row]) && needs !== undefined) return;
      if (byLanes > 0 && Number.isNaN(from[valueLanes]![row])) return;
      if (!Number.isNaN(state[arrival]![slot]) && !isBetter(from, row, state, slot)) return;
      for (let f = 0; f <= arrival; f++) state[f]![slot] = from[f]![row]!;
    };
    return {
      output,
      reads,
      initial: Array.from({ length: arrival + 1 }, () => Number.NaN),
      onNewAll(state, lanes, from, to) {
        for (let i = from; i < to; i++) offer(state, 0, lanes, i);
      },
      onNew(state, lanes, slotOf, from, to) {
        for (let i = from; i < to; i++) if (slotOf[i]! >= 0) offer(state, slotOf[i]!, lanes, i);
      },
      onNewRow: offer,
      merge: offer,
      mark(state, slots, mark) {
        for (const slot of slots) {
          if (values !== undefined && !Number.isNaN(state[0]![slot])) mark(input, state[0]![slot]!);
          const code = bys === undefined ? Number.NaN : state[valueLanes]![slot]!;
          if (!Number.isNaN(code)) mark(by!.input, code);
        }
      },
      result: (state, slots) => valuesOf(output, state.slice(0, valueLanes), slots, values),
    };
  };
  return { ...notOpen, output, reads, open };
}

function valuesOf(type: DataType, fields: Fields, slots: Int32Array, codes: Codes | undefined): Column {
  const present = Uint8Array.from(slots, (slot) => Number(!Number.isNaN(fields[0]![slot])));
  const lanes = fields.map((field) => Float64Array.from(slots, (slot) => field[slot]!));
  return codes === undefined ? columnOfLanes(type, lanes, present) : codes.columnOf(lanes[0]!);
}

/** Whether row `row` of `from` goes before slot `slot` of `state`. */
function betterRow(
  valueLanes: number,
  byLanes: number,
  arrival: number,
  sign: 1 | -1,
  codes: Codes | undefined,
): (from: Fields, row: number, state: Fields, slot: number) => boolean {
  if (byLanes === 0) {
    return (from, row, state, slot) => sign * (from[arrival]![row]! - state[arrival]![slot]!) < 0;
  }
  const order = (from: Fields, row: number, state: Fields, slot: number): number => {
    const a = from[valueLanes]![row]!;
    const b = state[valueLanes]![slot]!;
    if (codes !== undefined) return a === b ? 0 : codes.compare(a, b);
    if (a !== b) return a < b ? -1 : 1;
    return byLanes === 1 ? 0 : from[valueLanes + 1]![row]! - state[valueLanes + 1]![slot]!;
  };
  return (from, row, state, slot) => {
    const d = sign * order(from, row, state, slot);
    return d < 0 || (d === 0 && from[arrival]![row]! < state[arrival]![slot]!);
  };
}
