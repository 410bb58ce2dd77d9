import type { DataType } from 'apache-arrow';
import type { Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { SlotStates } from '../aggregate/slot-states.ts';
import type { Column } from '../columnar/column.ts';
import { lanesOf } from '../columnar/lanes.ts';
import { magnitudeBound } from '../columnar/numbers.ts';
import { nullWhereNone, RowGroups } from './row-groups.ts';
import type { RunningInput, RunningState } from './running.ts';

/** What to do beside aggregating. */
export interface ExpandingOptions {
  /** Makes the column of results. Default: as the aggregation gives it. */
  readonly finish?: ((result: Column, input: RunningInput) => Column) | undefined;
  /** `false` makes a group of the rows whose key is null. */
  readonly dropna?: boolean | undefined;
}

/**
 * An aggregation of each row and all earlier ones of its group. Memory: its state, once per group. O(1) per row.
 */
export class ExpandingState implements RunningState {
  readonly #aggregation: SlotAggregation;
  readonly #finish: ExpandingOptions['finish'];
  readonly #by: readonly DataType[];
  readonly #dropna: boolean | undefined;
  #groups: RowGroups;
  #states: SlotStates;
  /** No result so far was further from zero. */
  #greatest = 0;

  constructor(
    aggregation: SlotAggregation,
    by: readonly DataType[],
    { finish, dropna }: ExpandingOptions = {},
  ) {
    this.#aggregation = aggregation;
    this.#finish = finish;
    this.#by = by;
    this.#dropna = dropna;
    this.#groups = new RowGroups(by, dropna);
    this.#states = new SlotStates(aggregation, 1);
  }

  couldFail({ args, length }: RunningInput): boolean {
    const limit = this.#aggregation.largestTotal;
    // A double more than the limit by less than this may be the limit.
    return (
      limit !== undefined && this.#greatest + magnitudeBound(args[0]!) * length >= limit * (1 - 2 ** -40)
    );
  }

  update(input: RunningInput): Column {
    const { length, args, by } = input;
    const aggregation = this.#aggregation;
    const lanes = args.flatMap((arg) => [...lanesOf(arg)]);
    const slots = this.#groups.slotsOf(by, length);
    this.#states.grow(this.#groups.capacity);
    const { fields } = this.#states;
    const undo = this.couldFail(input) ? valuesOf(fields, slots) : undefined;
    const perRow = aggregation.initial.map((value) => new Float64Array(length).fill(value));
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      aggregation.onNewRow(fields, slot, lanes, i);
      for (let f = 0; f < fields.length; f++) perRow[f]![i] = fields[f]![slot]!;
    }
    try {
      const result = aggregation.result(
        perRow,
        Int32Array.from({ length }, (_, i) => i),
      );
      if (aggregation.largestTotal !== undefined) this.#saw(result, input);
      return nullWhereNone(this.#finish?.(result, input) ?? result, slots);
    } catch (error) {
      if (undo !== undefined) putBack(fields, undo);
      throw error;
    }
  }

  /** Where a result is null, for too few values, it does not say what the total is. */
  #saw(result: Column, { args, length }: RunningInput): void {
    if (result.validity === undefined) this.#greatest = Math.max(this.#greatest, magnitudeBound(result));
    else this.#greatest += magnitudeBound(args[0]!) * length;
  }

  save(): unknown {
    const saved: Saved = {
      groups: this.#groups.save(),
      fields: this.#states.fields.map((field) => field.slice(0, this.#groups.capacity)),
      greatest: this.#greatest,
    };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, fields, greatest = Infinity } = saved as Saved;
    this.#greatest = greatest;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#states = new SlotStates(this.#aggregation, this.#groups.capacity);
    for (const [f, field] of fields.entries()) this.#states.fields[f]!.set(field);
  }
}

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly fields: readonly Float64Array[];
  /** Unknown of states that plain numbers were made into. */
  readonly greatest?: number;
}

/** What some slots held, field after field. */
interface Held {
  readonly slots: readonly number[];
  readonly values: readonly (readonly number[])[];
}

function valuesOf(fields: Fields, slots: Int32Array): Held {
  const touched = [...new Set(slots)].filter((slot) => slot >= 0);
  return { slots: touched, values: fields.map((field) => touched.map((slot) => field[slot]!)) };
}

function putBack(fields: Fields, { slots, values }: Held): void {
  for (const [f, field] of fields.entries())
    for (const [i, slot] of slots.entries()) field[slot] = values[f]![i]!;
}
