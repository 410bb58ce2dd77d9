import { DataType, Float64 } from 'apache-arrow';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { newBitmap, setBit } from '../columnar/bitmap.ts';
import type { Column } from '../columnar/column.ts';
import { KeyReader } from '../columnar/key-words.ts';
import { lanesOf } from '../columnar/lanes.ts';
import { isFloat, isSmallInt, isWideInt } from '../columnar/types.ts';
import { notAvailable } from './refusal.ts';
import { dropsNull, RowGroups } from './row-groups.ts';
import type { RunningDefinition, RunningInput, RunningState, RunningTypes } from './running.ts';
import { unitsOf } from './time-span.ts';

/** How fast rows lose weight, and what to do about gaps; checked. */
export interface EwmSettings {
  readonly com?: number | undefined;
  readonly span?: number | undefined;
  /** In rows, or as a duration by the time key. */
  readonly halflife?: number | string | undefined;
  readonly alpha?: number | undefined;
  readonly adjust?: boolean | undefined;
  readonly ignoreNa?: boolean | undefined;
  readonly minPeriods?: number | undefined;
  readonly bias?: boolean | undefined;
  readonly dropna?: boolean | undefined;
}

type Wanted = 'mean' | 'var' | 'std';

function weighted(wanted: Wanted): RunningDefinition {
  const name = `ewm.${wanted}`;
  return {
    name,
    bind(types, options) {
      const type = types.args[0]!;
      if (!isFloat(type) && !isSmallInt(type) && !isWideInt(type) && !DataType.isBool(type)) {
        throw notAvailable(name, type);
      }
      const settings = options as EwmSettings;
      const { halflife } = settings;
      const lives = typeof halflife === 'string' ? unitsOf(halflife, types.order!, 'ewm') : undefined;
      return { output: new Float64(), create: () => new EwmState(types, settings, wanted, lives) };
    },
  };
}

export const ewmMean: RunningDefinition = weighted('mean');
export const ewmVar: RunningDefinition = weighted('var');
export const ewmStd: RunningDefinition = weighted('std');

/** What is left of a weight after one row, and the weight of a new one relative to all where `adjust` is off. */
function decayOf({ com, span, halflife, alpha }: EwmSettings): { factor: number; alpha: number } {
  if (com !== undefined) return { factor: com / (1 + com), alpha: 1 / (1 + com) };
  if (span !== undefined) return { factor: (span - 1) / (span + 1), alpha: 2 / (span + 1) };
  if (typeof halflife === 'number')
    return { factor: 2 ** (-1 / halflife), alpha: -Math.expm1(-Math.LN2 / halflife) };
  return { factor: 1 - alpha!, alpha: alpha! };
}

/** What is known of a slot: a field each. */
const fieldCount = 9;
/** Rows that had a value. */
const seen = 0;
/** Sum of the weights. */
const weight = 1;
/** The mean, in two parts, so that values far from zero lose nothing of their differences. */
const meanHigh = 2;
const meanLow = 3;
/** Weighted mean of the squared distances from the mean. */
const spread = 4;
/** Twice the sum of the products of two weights each: what the square of their sum has more than their squares. */
const cross = 5;
/** The newest time. */
const timeHigh = 6;
const timeLow = 7;
/** Rows without time are not looked at; whether there was one with. */
const timed = 8;

interface Saved {
  readonly groups: SavedGroups | undefined;
  readonly fields: readonly Float64Array[];
}

/**
 * The exponentially weighted mean, and the spread about it, of each row and those before it. A few numbers per group; O(1) per
 * row. Everything summed is positive, so nothing cancels.
 */
class EwmState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  readonly #wanted: Wanted;
  readonly #factor: number;
  readonly #alpha: number;
  readonly #adjust: boolean;
  readonly #ignoreNa: boolean;
  readonly #least: number;
  readonly #bias: boolean;
  /** The time in which a weight halves, in units of the time key. */
  readonly #halflife: number | undefined;
  readonly #keys: KeyReader = new KeyReader();
  #groups: RowGroups;
  #fields: Float64Array[] = Array.from({ length: fieldCount }, () => new Float64Array(1));

  constructor({ by }: RunningTypes, settings: EwmSettings, wanted: Wanted, halflife: number | undefined) {
    const { adjust = true, ignoreNa = false, minPeriods = 0, bias = false } = settings;
    const { factor, alpha } = halflife === undefined ? decayOf(settings) : { factor: 0.5, alpha: 0.5 };
    this.#by = by;
    this.#dropna = dropsNull({ ...settings });
    this.#wanted = wanted;
    this.#factor = factor;
    this.#alpha = alpha;
    this.#adjust = adjust;
    this.#ignoreNa = ignoreNa;
    this.#least = Math.max(1, minPeriods);
    this.#bias = bias;
    this.#halflife = halflife;
    this.#groups = new RowGroups(by, this.#dropna);
  }

  update({ length, args, by, order }: RunningInput): Column {
    const [high, low] = lanesOf(args[0]!);
    const slots = this.#groups.slotsOf(by, length);
    const times = this.#halflife === undefined ? undefined : this.#keys.read(order!);
    this.#reserve(this.#groups.capacity);
    const values = new Float64Array(length);
    const valid = newBitmap(length);
    for (let i = 0; i < length; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      const x = low === undefined ? high![i]! : high![i]! * 2 ** 32 + low[i]!;
      // An infinity would stay in the mean for ever, as its weight never comes to nothing: it counts as missing.
      const isThere = Number.isFinite(x);
      if (times === undefined) this.#step(slot, x, isThere, this.#factor, this.#adjust ? 1 : this.#alpha);
      else this.#stepInTime(slot, x, isThere, times.high[i]!, times.low[i]!);
      const result = this.#resultOf(slot);
      if (Number.isNaN(result)) continue;
      values[i] = result;
      setBit(valid, i);
    }
    return { kind: 'number', type: new Float64(), length, validity: valid, offset: 0, values };
  }

  save(): unknown {
    const saved: Saved = { groups: this.#groups.save(), fields: this.#fields.map((field) => field.slice()) };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, fields } = saved as Saved;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#fields = fields.map((field) => field.slice());
  }

  #reserve(slots: number): void {
    const { length } = this.#fields[0]!;
    if (slots <= length) return;
    const room = Math.max(slots, 2 * length);
    this.#fields = this.#fields.map((field) => {
      const longer = new Float64Array(room);
      longer.set(field);
      return longer;
    });
  }

  /** Weights that halve by the clock of the rows. A late row weighs as much as it would have, had it come in time. */
  #stepInTime(slot: number, x: number, isThere: boolean, high: number, low: number): void {
    if (Number.isNaN(high)) return;
    const fields = this.#fields;
    const wasTimed = fields[timed]![slot] === 1;
    const newer = (high - fields[timeHigh]![slot]!) * 2 ** 32 + (low - fields[timeLow]![slot]!);
    if (!wasTimed || newer > 0) {
      fields[timed]![slot] = 1;
      fields[timeHigh]![slot] = high;
      fields[timeLow]![slot] = low;
    }
    const halves = wasTimed ? newer / this.#halflife! : 0;
    this.#step(slot, x, isThere, halves > 0 ? 2 ** -halves : 1, halves < 0 ? 2 ** halves : 1);
  }

  /** All weights times `factor`, then a row of weight `added`. */
  #step(slot: number, x: number, isThere: boolean, factor: number, added: number): void {
    const fields = this.#fields;
    if (fields[seen]![slot] === 0) {
      if (!isThere) return;
      fields[seen]![slot] = 1;
      fields[weight]![slot] = this.#halflife === undefined ? 1 : added;
      fields[meanHigh]![slot] = x;
      return;
    }
    if (!isThere && this.#ignoreNa) return;
    const before = fields[weight]![slot]! * factor;
    const pairs = fields[cross]![slot]! * factor * factor;
    if (!isThere) {
      fields[weight]![slot] = before;
      fields[cross]![slot] = pairs;
      return;
    }
    fields[seen]![slot]!++;
    const total = before + added;
    const share = added / total;
    const mean = fields[meanHigh]![slot]!;
    const rest = fields[meanLow]![slot]!;
    const distance = x - mean - rest;
    const step = Number.isFinite(distance) ? distance * share : x * share - mean * share;
    const moved = mean + step;
    const shift = moved - mean;
    const lost = mean - (moved - shift) + (step - shift) + rest;
    fields[meanHigh]![slot] = moved + lost;
    fields[meanLow]![slot] = lost - (moved + lost - moved);
    fields[spread]![slot] = (before / total) * (fields[spread]![slot]! + share * distance * distance);
    const crossed = pairs + 2 * added * before;
    fields[weight]![slot] = this.#adjust ? total : 1;
    fields[cross]![slot] = this.#adjust ? crossed : crossed / (total * total);
  }

  /** NaN for none. */
  #resultOf(slot: number): number {
    const fields = this.#fields;
    if (fields[seen]![slot]! < this.#least) return Number.NaN;
    if (this.#wanted === 'mean') return fields[meanHigh]![slot]! + fields[meanLow]![slot]!;
    let variance = fields[spread]![slot]!;
    if (!this.#bias) {
      const pairs = fields[cross]![slot]!;
      const total = fields[weight]![slot]!;
      variance = pairs > 0 ? variance * ((total * total) / pairs) : Number.NaN;
    }
    return this.#wanted === 'var' ? variance : Math.sqrt(variance);
  }
}
