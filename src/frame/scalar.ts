import { DataType, Field, Float64, Int64 } from 'apache-arrow';
import * as arithmetic from '../columnar/arithmetic.ts';
import { bigArithmetic } from '../columnar/arithmetic.ts';
import type { Batch } from '../columnar/batch.ts';
import type { Column } from '../columnar/column.ts';
import { constantColumn, nullColumn } from '../columnar/constant.ts';
import { doublesOf, float64Column } from '../columnar/numbers.ts';
import { fieldValue } from '../columnar/rows.ts';
import { take } from '../columnar/take.ts';
import { typeName } from '../columnar/type-name.ts';
import type { Scalar as PlainValue } from '../columnar/value.ts';
import { holdWhileReachable } from '../core/handle.ts';
import type { Metadata } from '../core/metadata.ts';
import { type Flow, Node } from '../core/node.ts';
import { GraphError, SchemaError } from '../errors.ts';
import type { ExprTree, ValueOperand } from '../expr/tree.ts';
import { explained } from './explain.ts';
import { Live, ReadNode, tooLate } from './live.ts';
import type { Made } from './made.ts';
import { type Plan, planOf } from './plan.ts';
import type { StreamKind } from './state.ts';
import { StepEnds } from './step-ends.ts';
import type { ValueSource } from './values-node.ts';

/** A node whose emissions replace each other, and which can be asked for the newest. */
export interface CurrentNode<B = Batch> extends Node<never, B> {
  readonly current: B | undefined;
}

/** A running number, or null where there is none. */
type Numeric = number | bigint | null;

/** What running values may be computed with: a number, or another running value. */
export type ScalarOperand =
  | number
  | bigint
  | ValueOperand<Numeric>
  | ValueOperand<Readonly<Record<string, Numeric>>>;

/** What arithmetic of running values gives: of numbers a number, of records one for each name. */
export type ScalarResult<T, O> = [T] extends [Numeric]
  ? O extends ValueOperand<infer U>
    ? [U] extends [Numeric]
      ? NumericResult<T, U>
      : { [K in keyof U]: number | bigint | null }
    : NumericResult<T, O>
  : { [K in keyof T]: number | bigint | null };

type NumericResult<T, U> = [NonNullable<T>] extends [bigint]
  ? [NonNullable<U>] extends [bigint]
    ? bigint | null
    : number | null
  : number | null;

/**
 * A running value: one emission per batch, each replacing the one before. It is kept up to date as long as
 * the program can reach it, looked at or not.
 *
 * It may stand in an expression on the rows of a frame, as in `df.x.sub(df.x.mean())`: the rows of a batch see the value
 * after that batch, so what comes of it depends on where the batches are cut.
 */
export class Scalar<T> extends Live<T> {
  override readonly kind: StreamKind = 'snapshot';
  readonly #newest: () => T | undefined;
  readonly #outlet: Node<never, T>;
  readonly #letGo: () => void;
  readonly #node: Node<never, unknown>;
  readonly #source: ValueSource;
  readonly #isLate: boolean;

  private constructor(
    node: Node<never, unknown>,
    outlet: Node<never, T>,
    newest: () => T | undefined,
    source: ValueSource,
  ) {
    super();
    this.#node = node;
    this.#outlet = outlet;
    this.#newest = newest;
    this.#source = source;
    // The outlet, as a stream or a step that was made of the value leads back to it, and needs no other handle.
    this.#letGo = holdWhileReachable(outlet, node);
    this.#isLate = node.ended;
  }

  /** The value that `read` sees in what `node` emits. @internal */
  static of<T, B>(node: CurrentNode<B>, read: (value: B) => T, made: Made): Scalar<T> {
    const reader = new ReadNode(read);
    node.connect(reader);
    const newest = (): T | undefined => (node.current === undefined ? undefined : reader.read(node.current));
    const isCell = (read as unknown) === readValue;
    const source = isCell
      ? cellSource(node as unknown as ResultNode, reader, made)
      : plainSource(reader, newest, node.label, made);
    return new Scalar(node, reader, newest, source);
  }

  override get $outlet(): Node<never, T> {
    return this.#outlet;
  }

  /** The value in an expression. @internal */
  get $operand(): ExprTree {
    return { op: 'value', value: this.#source };
  }

  /**
   * The value of all rows so far; that of no rows before any came; `undefined` while the schema is not known, and for an
   * aggregation of your own before the first batch.
   */
  override get current(): T | undefined {
    return this.#newest();
  }

  /** How the value was made, as JSON; see `DataFrame.toPlan`. */
  toPlan(): Plan {
    return planOf((writer) => writer.value(this.#source));
  }

  /** How the value was made, in words; see `DataFrame.explain`. */
  explain(): string {
    return explained((writer) => writer.value(this.#source));
  }

  /** `fn(value)` as a running value. `fn` is called once per batch where somebody follows, and for `current`. */
  map<U>(fn: (value: T) => U): Scalar<U> {
    const made: Made = (writer) => ({ op: 'map', of: writer.value(this.#source), fn });
    return derived('map', [this as Scalar<unknown>], (value) => fn(value as T), made);
  }

  /** Rounded to a number of decimals, half to even; of a record each number. Null stays null. */
  round(decimals = 0): Scalar<T> {
    if (!Number.isInteger(decimals)) {
      throw new SchemaError('bad-option', `round needs a whole number of decimals, got ${String(decimals)}`);
    }
    const rounded = (value: unknown): unknown =>
      typeof value === 'number' ? arithmetic.round(Float64Array.of(value), decimals)[0]! : value;
    const made: Made = (writer) => ({ op: 'round', of: writer.value(this.#source), decimals });
    const of = [this as Scalar<unknown>];
    return derived(`round(${decimals})`, of, (value) => eachOf(value, rounded), made) as Scalar<T>;
  }

  /**
   * Sum of running values, computed once per batch, when all of them have seen it. Null where one is null; of records name by
   * name, null where one lacks the name. 64-bit integers stay themselves among themselves.
   */
  add<O extends ScalarOperand>(other: O): Scalar<ScalarResult<T, O>> {
    return this.#combined('add', other);
  }
  /** Difference; see {@link Scalar.add}. */
  sub<O extends ScalarOperand>(other: O): Scalar<ScalarResult<T, O>> {
    return this.#combined('sub', other);
  }
  /** Product; see {@link Scalar.add}. */
  mul<O extends ScalarOperand>(other: O): Scalar<ScalarResult<T, O>> {
    return this.#combined('mul', other);
  }
  /** Quotient, always a number; by zero an infinity or NaN; see {@link Scalar.add}. */
  div<O extends ScalarOperand>(other: O): Scalar<ScalarResult<T, O>> {
    return this.#combined('div', other);
  }

  #combined<R>(op: Operation, other: ScalarOperand): Scalar<R> {
    const isScalar = (other as unknown) instanceof Scalar;
    if (!isScalar && typeof other !== 'number' && typeof other !== 'bigint') {
      throw new SchemaError(
        'bad-expression',
        `${op}: expected a number or a running value, got ${other === null ? 'null' : typeof other}`,
      );
    }
    const own = this as Scalar<unknown>;
    const sides: Scalar<unknown>[] = isScalar ? [own, other as unknown as Scalar<unknown>] : [own];
    const shown = isScalar ? (other as unknown as Scalar<unknown>).#source.label : String(other);
    const made: Made = (writer) => ({
      op: 'compute',
      method: op,
      of: sides.map((side) => writer.value(side.#source)),
      number: isScalar ? undefined : other,
    });
    const compute = (a: unknown, b: unknown): unknown => combine(op, a, isScalar ? b : other);
    return derived(`${op}(${shown})`, sides, compute, made) as Scalar<R>;
  }

  /**
   * The last value, once the source has ended.
   *
   * @throws as a rejection, what the source failed with; `not-available` where it had ended before the value was made.
   */
  async collect(): Promise<T | undefined> {
    if (this.#isLate) throw tooLate();
    for await (const _ of this.values());
    return this.current;
  }

  override dispose(): void {
    this.#letGo();
    super.dispose();
    this.#node.dispose();
  }
}

type Operation = 'add' | 'sub' | 'mul' | 'div';

function derived<U>(
  label: string,
  sides: readonly Scalar<unknown>[],
  compute: (...values: unknown[]) => U,
  made: Made,
): Scalar<U> {
  const node = new ComputedNode(label, sides, compute);
  for (const outlet of new Set(sides.map(({ $outlet }) => $outlet))) outlet.connect(node);
  return Scalar.of(node, (value: U) => value, made);
}

/** A value computed of others, once per step, when all of them have seen it. */
class ComputedNode<U> extends Node<unknown, U> {
  override readonly kind: string = 'computed';
  readonly #read: () => U | undefined;
  readonly #ends: StepEnds<U>;

  constructor(
    label: string,
    sides: readonly { readonly current: unknown }[],
    compute: (...values: unknown[]) => U,
  ) {
    super({ name: label });
    let last: { readonly from: readonly unknown[]; readonly value: U } | undefined;
    this.#read = () => {
      const from = sides.map(({ current }) => current);
      if (from.includes(undefined)) return undefined;
      if (last === undefined || from.some((value, i) => !Object.is(value, last!.from[i])))
        last = { from, value: compute(...from) };
      return last.value;
    };
    this.#ends = new StepEnds(this, this.#read);
  }

  get current(): U | undefined {
    return this.#read();
  }

  override update(_: unknown, metadata: Metadata): Flow {
    this.#ends.arrived(metadata);
    if (!this.awaitStep()) return this.#ends.pass();
  }

  protected override onStepEnd(): Flow {
    return this.#ends.pass();
  }

  protected override onDeactivate(): void {
    this.#ends.stop();
  }
}

function combine(op: Operation, a: unknown, b: unknown): unknown {
  if (!isRecord(a) && !isRecord(b)) return computed(op, a, b);
  const names = new Set([...(isRecord(a) ? Object.keys(a) : []), ...(isRecord(b) ? Object.keys(b) : [])]);
  return Object.fromEntries(
    Array.from(names, (name) => [name, computed(op, isRecord(a) ? a[name] : a, isRecord(b) ? b[name] : b)]),
  );
}

function computed(op: Operation, a: unknown, b: unknown): Numeric {
  if (a === null || b === null || a === undefined || b === undefined) return null;
  if (typeof a === 'bigint' && typeof b === 'bigint' && op !== 'div') {
    const value = bigArithmetic[op]!(a, b);
    if (BigInt.asIntN(64, value) === value) return value;
    throw new GraphError('overflow', `${op}: ${a} and ${b} do not fit 64 bits together`);
  }
  const out = new Float64Array(1);
  arithmetic[op](Float64Array.of(numberOf(op, a)), Float64Array.of(numberOf(op, b)), out);
  return out[0]!;
}

function numberOf(op: Operation, value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  throw new SchemaError('type-mismatch', `${op} needs numbers, got ${typeof value} ${String(value)}`);
}

function eachOf(value: unknown, fn: (value: unknown) => unknown): unknown {
  if (!isRecord(value)) return fn(value);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fn(part)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

interface ResultNode extends CurrentNode {
  readonly output: { readonly fields: readonly Field[] } | undefined;
}

/** The one cell of a result, with its type. Null, and taken for a number, while nothing is known of it. */
function cellSource(node: ResultNode, outlet: Node<never, unknown>, made: Made): ValueSource {
  const { label } = node;
  let isTaken = false;
  const typed = (cell: Column): Column => {
    if (!isTaken || DataType.isFloat(cell.type)) return cell;
    if (cell.kind === 'number' || cell.kind === 'int64') return float64Column(doublesOf(cell), [cell]);
    throw takenForNumber(label, typeName(cell.type));
  };
  return {
    label,
    made,
    node: outlet,
    toJSON: () => label,
    field(name) {
      if (isTaken) return new Field(name, new Float64(), true);
      const field = node.output?.fields[0];
      return field && new Field(name, field.type, true, field.metadata);
    },
    column(length) {
      const { current } = node;
      isTaken ||= current === undefined;
      if (current === undefined) return nullColumn(0, length);
      return take(typed(current.column(0)), new Int32Array(length));
    },
  };
}

function takenForNumber(label: string, type: string, hint = 'declare a schema'): SchemaError {
  return new SchemaError(
    'schema-mismatch',
    `${label} was taken for a number while it had no value, and is ${type}; ${hint}`,
  );
}

/** A value as JavaScript has it. Its type is that of the first that is not null; a number before. */
function plainSource(
  outlet: Node<never, unknown>,
  newest: () => unknown,
  label: string,
  made: Made,
): ValueSource {
  let sample: Exclude<PlainValue, null> | undefined;
  let isTaken = false;
  const read = (): PlainValue => {
    const value = newest() ?? null;
    if (value === null) return null;
    const isPlain = ['number', 'bigint', 'boolean', 'string'].includes(typeof value);
    if (!isPlain || (sample !== undefined && typeof sample !== typeof value)) {
      const got = isPlain ? typeof value : 'an object';
      const what = sample === undefined ? 'a number, bigint, boolean or string' : `a ${typeof sample}`;
      const hint = isRecord(value)
        ? `; take one of its values, as in .map((record) => record.${Object.keys(value)[0]})`
        : '';
      throw new SchemaError('bad-expression', `${label}: an expression needs ${what}, got ${got}${hint}`);
    }
    if (isTaken && typeof value === 'bigint') return Number(value);
    if (isTaken && typeof value !== 'number') {
      throw takenForNumber(label, `a ${typeof value}`, 'give a value of that type in place of null');
    }
    sample = value as Exclude<PlainValue, null>;
    return sample;
  };
  return {
    label,
    made,
    node: outlet,
    toJSON: () => label,
    field(name) {
      read();
      if (isTaken) return new Field(name, new Float64(), true);
      return sample === undefined ? undefined : new Field(name, typeOfPlain(sample), true);
    },
    column(length) {
      const value = read();
      isTaken ||= value === null && sample === undefined;
      return value === null ? nullColumn(sample ?? 0, length) : constantColumn(value, length);
    },
  };
}

function typeOfPlain(value: Exclude<PlainValue, null>): DataType {
  if (typeof value === 'number') return new Float64();
  return typeof value === 'bigint' ? new Int64() : constantColumn(value, 0).type;
}

/** The one value of a result of one row and one column. */
export function readValue(batch: Batch): unknown {
  return fieldValue(batch.schema.fields[0]!, batch.column(0), 0);
}

/** The one row of a result, as an object. */
export function readRecord(batch: Batch): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [i, field] of batch.schema.fields.entries())
    record[field.name] = fieldValue(field, batch.column(i), 0);
  return record;
}
