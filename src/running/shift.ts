import {
  DataType,
  DateUnit,
  Duration,
  Float64,
  Int64,
  type Timestamp,
  TimeUnit,
  type TimeUnit as Unit,
} from 'apache-arrow';
import { exactInteger } from '../aggregate/exact-integer.ts';
import type { SavedGroups } from '../aggregate/group-index.ts';
import { sub } from '../columnar/arithmetic.ts';
import type { Column, Int64Column, NumberColumn } from '../columnar/column.ts';
import { type Int64Failure, int64Arithmetic } from '../columnar/int64.ts';
import { doublesOf, float64Column, int64OfDoubles } from '../columnar/numbers.ts';
import { plainColumn, plainType } from '../columnar/plain-column.ts';
import { typeName } from '../columnar/type-name.ts';
import { isFloat, isSmallInt, isTemporal, isWideInt } from '../columnar/types.ts';
import { commonValidity } from '../columnar/validity.ts';
import { SchemaError } from '../errors.ts';
import { type Lag, LagOfAll, LagOfGroups } from './lag.ts';
import { canBeKept, notAvailable } from './refusal.ts';
import { dropsNull, RowGroups } from './row-groups.ts';
import type { BoundRunning, RunningDefinition, RunningInput, RunningState, RunningTypes } from './running.ts';

/** What becomes of a row and the one before it. */
type Finish = (now: Column, before: Column) => Column;

/** A function of each row and the one `n` rows before it in its group. */
class LagState implements RunningState {
  readonly #by: readonly DataType[];
  readonly #dropna: boolean;
  readonly #finish: Finish;
  readonly #lag: Lag;
  #groups: RowGroups;

  constructor({ args, by }: RunningTypes, options: Readonly<Record<string, unknown>>, finish: Finish) {
    const type = plainType(args[0]!);
    const n = options.n as number;
    this.#by = by;
    this.#dropna = dropsNull(options);
    this.#finish = finish;
    this.#lag = by.length === 0 ? new LagOfAll(type, n) : new LagOfGroups(type, n);
    this.#groups = new RowGroups(by, this.#dropna);
  }

  update({ length, args, by }: RunningInput): Column {
    const column = plainColumn(args[0]!);
    const slots = this.#groups.slotsOf(by, length);
    const before = this.#lag.before(column, slots);
    try {
      const result = this.#finish(column, before);
      this.#lag.commit();
      return result;
    } catch (error) {
      this.#lag.rollback();
      throw error;
    }
  }

  save(): unknown {
    const saved: SavedLagState = { groups: this.#groups.save(), lag: this.#lag.save() };
    return saved;
  }

  restore(saved: unknown): void {
    const { groups, lag } = saved as SavedLagState;
    this.#groups = new RowGroups(this.#by, this.#dropna);
    this.#groups.restore(groups);
    this.#lag.restore(lag);
  }
}

interface SavedLagState {
  readonly groups: SavedGroups | undefined;
  readonly lag: unknown;
}

export const shift: RunningDefinition = {
  name: 'shift',
  bind(types, options) {
    const type = types.args[0]!;
    if (!canBeKept(type)) throw notAvailable('shift', type);
    return {
      output: plainType(type),
      create: () => new LagState(types, options, (_, before) => before),
    };
  },
};

export const diff: RunningDefinition = {
  name: 'diff',
  bind(types, options): BoundRunning {
    const type = types.args[0]!;
    const { finish, ...bound } = difference(type);
    return { ...bound, create: () => new LagState(types, options, finish) };
  },
};

export const pctChange: RunningDefinition = {
  name: 'pctChange',
  bind(types, options) {
    const type = types.args[0]!;
    if (!isFloat(type) && !isSmallInt(type) && !isWideInt(type)) throw notAvailable('pctChange', type);
    return { output: new Float64(), create: () => new LagState(types, options, change) };
  },
};

type Numbers = NumberColumn | Int64Column;

function change(now: Column, before: Column): Column {
  const x = doublesOf(now as Numbers);
  const y = doublesOf(before as Numbers);
  return float64Column(
    Float64Array.from({ length: now.length }, (_, i) => x[i]! / y[i]! - 1),
    [now, before],
  );
}

/** How two values of a type are subtracted, and what comes out. */
function difference(
  type: DataType,
): Pick<BoundRunning, 'output' | 'plainNumber' | 'canFail'> & { readonly finish: Finish } {
  if (isFloat(type)) return { output: new Float64(), finish: floatDifference };
  if (isSmallInt(type)) return { output: exactInteger, plainNumber: true, finish: whole(exactInteger) };
  if (isWideInt(type)) return { output: new Int64(), canFail: true, finish: whole(new Int64()) };
  if (!isTemporal(type)) throw notAvailable('diff', type);
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) {
    const output = new Duration(TimeUnit.SECOND);
    return { output, finish: (now, before) => days(output, now, before) };
  }
  const unit: Unit = DataType.isDate(type) ? TimeUnit.MILLISECOND : (type as Timestamp).unit;
  const output = new Duration(unit);
  return { output, canFail: true, finish: whole(output) };
}

function floatDifference(now: Column, before: Column): Column {
  const out = new Float64Array(now.length);
  sub(doublesOf(now as Numbers), doublesOf(before as Numbers), out);
  return float64Column(out, [now, before]);
}

/** The difference of whole numbers, exactly. */
function whole(output: DataType): Finish {
  const fail: Int64Failure = (_problem, _row, result) => {
    throw new SchemaError('overflow', `diff: ${result} does not fit ${typeName(output)}`);
  };
  return (now, before) => ({
    ...int64Arithmetic('sub', sub, now as Numbers, before as Numbers, fail),
    type: output,
  });
}

function days(type: DataType, now: Column, before: Column): Column {
  const x = doublesOf(now as Numbers);
  const y = doublesOf(before as Numbers);
  const values = int64OfDoubles(Float64Array.from(x, (value, i) => (value - y[i]!) * 86_400))!;
  const { length } = now;
  return { kind: 'int64', type, length, validity: commonValidity([now, before], length), offset: 0, values };
}
