import type { Bool, DataType, Float64, Int64 } from 'apache-arrow';
import type { ExactInteger, FamilyOf, LiteralOf, ValueOf } from '../columnar/type-families.ts';
import { typeFromName } from '../columnar/type-from-name.ts';
import { typeName } from '../columnar/type-name.ts';
import type { Scalar } from '../columnar/value.ts';
import { functionOf, oneOf, optionsOf } from '../core/check.ts';
import { SchemaError } from '../errors.ts';
import { DateExprs, type DateExprsOf } from './date-exprs.ts';
import { Ewm, type EwmOptions } from './ewm.ts';
import type {
  AddOperand,
  AnyExpr,
  Arithmetic,
  BoolSelf,
  CaseValue,
  Comparable,
  Difference,
  ExprFamily,
  FreeExprs,
  NumericOperand,
  Of,
  Phantom,
  SubOperand,
  Sum,
  Unified,
  UnifiedAll,
} from './operands.ts';
import {
  type ExpandingOptions,
  expandingOptions,
  type Rolling,
  type RollingOptions,
  type RollingWindow,
  rollingOf,
  rollingOptions,
} from './rolling.ts';
import { type ForwardFillOptions, fillOptions, lagOptions } from './running-options.ts';
import type { Available, RunningType } from './running-types.ts';
import { StringExprs, type StringExprsOf } from './string-exprs.ts';
import {
  type BinaryOp,
  type CallOptions,
  describe,
  type ExprTree,
  isRunning,
  keyOfTree,
  type LiteralType,
  partsOf,
  type UnaryOp,
  type UserCode,
  type ValueOperand,
  withParts,
} from './tree.ts';

export type { AnyExpr, ExprFamily, FreeExprs } from './operands.ts';

/** Any expression at run time. */
type SomeExpr = Expr<DataType, ExprFamily>;

/** Collects what a callback reads and builds, to find what it forgot to return. */
export interface Trace {
  /** The expressions it built. */
  readonly built: { readonly tree: ExprTree }[];
  /** The columns it read, in order. */
  readonly read: { readonly tree: ExprTree }[];
  /** Which of the reads give `undefined` in this run, to see whether the callback tests them. */
  readonly without: ReadonlySet<number>;
}

const trap = (spelling: string): never => {
  throw new SchemaError(
    'bad-expression',
    `${spelling} was used as a plain value; operators do not work on columns: write .gt(5) not > 5, .add(1) not + 1, .eq(x) not === x`,
  );
};

/**
 * A computation over columns, row by row: built once, evaluated by kernels. Immutable.
 *
 * A null operand gives null; NaN follows IEEE arithmetic, so it compares false except by `ne`.
 */
export class Expr<D extends DataType = DataType, F extends ExprFamily = FreeExprs> {
  /** The expression as data. */
  readonly tree: ExprTree;
  /** For the compiler: the family of the type. Never set. */
  declare readonly family: Phantom<D, FamilyOf<D>>;
  /** For the compiler: the type. Never set. */
  declare readonly dataType: Phantom<D, D>;
  /** For the compiler: what sort of expression it is. Never set. */
  declare readonly sort: F;
  protected readonly trace: Trace | undefined;

  constructor(tree: ExprTree, trace?: Trace) {
    this.tree = tree;
    this.trace = trace;
  }

  /** Sum. Of a timestamp and a duration, as a column or such as `'2h'`: a timestamp in its own unit, exact. */
  add<O extends AddOperand<D>>(other: O): Of<F, Sum<D, O>> {
    return this.#binary('add', other);
  }
  /**
   * Difference. Of two timestamps: a duration in the finer unit of the two; of a timestamp and a duration, as a column or
   * such as `'2h'`: a timestamp in its own unit. Times are exact, and an error where the result does not fit.
   */
  sub<O extends SubOperand<D>>(other: O): Of<F, Difference<D, O>> {
    return this.#binary('sub', other);
  }
  /** Product. */
  mul<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
    return this.#binary('mul', other);
  }
  /** Quotient, always float64; by zero an infinity or NaN. */
  div<O extends NumericOperand<D>>(other: O): Of<F, Float64> {
    return this.#binary('div', other);
  }
  /** Quotient rounded down, as Python's `//`. A 64-bit quotient by zero is null. */
  floordiv<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
    return this.#binary('floordiv', other);
  }
  /** Remainder with the sign of the divisor, as Python's `%`: -7 mod 10 is 3. A 64-bit remainder by zero is null. */
  mod<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
    return this.#binary('mod', other);
  }
  /** Power. */
  pow<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
    return this.#binary('pow', other);
  }
  /** Negation. */
  neg(): Of<F, FamilyOf<D> extends 'int64' ? Int64 : Float64> {
    return this.#unary('neg');
  }
  /** Absolute value. */
  abs(): Of<F, FamilyOf<D> extends 'int64' ? Int64 : Float64> {
    return this.#unary('abs');
  }
  /** Rounded to a number of decimals, half to even. Integers stay as they are for `decimals` of 0 and above. */
  round(decimals = 0): Of<F, FamilyOf<D> extends 'int64' ? Int64 : Float64> {
    return this.#derive({ op: 'round', args: [this.tree], decimals });
  }

  /** Equal. `eq(null)` asks whether the row is null. */
  eq(other: Comparable<D>): Of<F, Bool> {
    return other === null ? this.#unary('isNull') : this.#binary('eq', other);
  }
  /** Not equal. `ne(null)` asks whether the row is not null. */
  ne(other: Comparable<D>): Of<F, Bool> {
    return other === null ? this.#unary('notNull') : this.#binary('ne', other);
  }
  /** Less than. Strings compare by code point. */
  lt(other: Comparable<D>): Of<F, Bool> {
    return this.#binary('lt', other);
  }
  /** Less than or equal. */
  le(other: Comparable<D>): Of<F, Bool> {
    return this.#binary('le', other);
  }
  /** Greater than. */
  gt(other: Comparable<D>): Of<F, Bool> {
    return this.#binary('gt', other);
  }
  /** Greater than or equal. */
  ge(other: Comparable<D>): Of<F, Bool> {
    return this.#binary('ge', other);
  }

  /** Both. Null is "unknown": `false and null` is false, `true and null` is null. */
  and(other: BoolSelf<D>): Of<F, Bool> {
    return this.#binary('and', other);
  }
  /** Either. Null is "unknown": `true or null` is true, `false or null` is null. */
  or(other: BoolSelf<D>): Of<F, Bool> {
    return this.#binary('or', other);
  }
  /** One of the two, not both. */
  xor(other: BoolSelf<D>): Of<F, Bool> {
    return this.#binary('xor', other);
  }
  /** The contrary; null stays null. */
  not(): Of<F, Bool> {
    return this.#unary('not');
  }

  /** Whether the row is null; itself never null. */
  isNull(): Of<F, Bool> {
    return this.#unary('isNull');
  }
  /** Whether the row is not null; itself never null. */
  notNull(): Of<F, Bool> {
    return this.#unary('notNull');
  }
  /** Whether the row is NaN. */
  isNaN(): Of<F, Bool> {
    return this.#unary('isNaN');
  }

  /**
   * The sum of this and all earlier rows; of integers exact, as `sum` gives it. A row that is null or NaN stays so and
   * adds nothing.
   *
   * Like all running expressions it sees the rows in the order they come, from when it was made, whether somebody looks or
   * not, and once each; `over` makes it run for each group by itself. Memory: a few numbers per group.
   */
  cumsum(this: Available<'cumsum', D>): Of<F, RunningType<'cumsum', D>> {
    return running(this, 'cumsum');
  }
  /**
   * The product of this and all earlier rows. Null and NaN as for `cumsum`. Of 64-bit integers exact, `overflow` where it does
   * not fit; of others float64, so that of integers it is exact while it is below 2⁵³.
   */
  cumprod(this: Available<'cumprod', D>): Of<F, RunningType<'cumprod', D>> {
    return running(this, 'cumprod');
  }
  /** The least of this and all earlier rows, of strings by code point. Null and NaN as for `cumsum`. */
  cummin(this: Available<'cummin', D>): Of<F, RunningType<'cummin', D>> {
    return running(this, 'cummin');
  }
  /** The greatest of this and all earlier rows, of strings by code point. Null and NaN as for `cumsum`. */
  cummax(this: Available<'cummax', D>): Of<F, RunningType<'cummax', D>> {
    return running(this, 'cummax');
  }

  /**
   * The value `n` rows before, of any type; null for the first `n` rows. Keeps the last `n` rows, of each group where there are
   * groups.
   *
   * @throws `bad-option` for an `n` below 1: the rows to come are not known yet.
   */
  shift(n = 1): Of<F, RunningType<'shift', D>> {
    return this.$running('shift', lagOptions(n, 'shift'));
  }
  /**
   * The value less that `n` rows before: of floats float64, of integers exact, of times a duration. Null where one of the
   * two is. Memory as for `shift`.
   *
   * @throws `overflow`, with the batch, where the difference of 64-bit integers does not fit.
   */
  diff(this: Available<'diff', D>, n = 1): Of<F, RunningType<'diff', D>> {
    return running(this, 'diff', lagOptions(n, 'diff'));
  }
  /** The change from the value `n` rows before, as a fraction of that: 0.5 where it is half as much again. Null where one of the two is. */
  pctChange(this: Available<'pctChange', D>, n = 1): Of<F, RunningType<'pctChange', D>> {
    return running(this, 'pctChange', lagOptions(n, 'pctChange'));
  }
  /**
   * The value, or where it is null or NaN the last one before that was there, for at most `limit` rows after it. Of any
   * type. Keeps one row per group.
   */
  forwardFill(options?: ForwardFillOptions): Of<F, RunningType<'forwardFill', D>> {
    return this.$running('forwardFill', fillOptions(options));
  }

  /**
   * Exponentially weighted results, one for each row, as `amount.ewm({ halflife: 5 }).mean()`: of the row and all before it,
   * which weigh the less the older they are. Computed as pandas does: null, NaN and infinities are missing, and the rows
   * where they are repeat what was there before; null before the first value. Memory: a few numbers per group.
   *
   * With a halflife in time, a late row weighs as much as it would have, had it come in time.
   *
   * @throws `bad-option`.
   */
  ewm(this: Available<'ewm', D>, options: EwmOptions): Ewm<Of<F, Float64>> {
    return new Ewm(options, (fn, checked) => running(this, fn, checked));
  }

  /**
   * The rows in a window that ends at each row, to aggregate: `amount.rolling(10).mean()`, `amount.rolling('2h').max()`. See
   * `Rolling`.
   *
   * @throws `bad-option`, at the latest when it is used on a frame.
   */
  rolling(window: RollingWindow, options?: RollingOptions): Rolling<D, F> {
    return rollingOf(rollingOptions(window, options), (given) => this.$running('rolling', given));
  }
  /**
   * Each row and all earlier ones, to aggregate: `amount.expanding().max()` has a result for each row, as a window that
   * nothing leaves. Unlike `cumsum` and the like, a row that is missing has the result of those before it. Memory: the state of
   * the aggregation once per group, but `median` and `quantile` hold all values.
   */
  expanding(options?: ExpandingOptions): Rolling<D, F> {
    return rollingOf(expandingOptions(options), (given) => this.$running('expanding', given));
  }

  /**
   * A running expression for each group of rows by itself, as `amount.cumsum().over(r.name)`. Rows whose key is null get
   * null. Groups stay for ever.
   *
   * @throws `bad-expression` where there is no running expression.
   */
  over(...keys: readonly AnyExpr[]): Of<F, D> {
    const own = keys.map((key) => this.#adopted(asExpr(key, 'over') as SomeExpr));
    if (own.length === 0) throw new SchemaError('bad-expression', 'over needs at least one key');
    if (!isRunning(this.tree)) {
      throw new SchemaError(
        'bad-expression',
        `over: ${describe(this.tree)} is no running expression such as cumsum, so groups make no difference to it`,
      );
    }
    return this.$over(own);
  }

  /** The running expressions in it for each group by itself. `dropna`: rows whose key is null are in none. @internal */
  $over<R>(by: readonly ExprTree[], dropna = true): R {
    const grouped = (tree: ExprTree): ExprTree => {
      const inner = withParts(tree, grouped);
      if (inner.op !== 'running' || inner.by !== undefined) return inner;
      return { ...inner, by, options: dropna ? inner.options : { ...inner.options, dropna } };
    };
    this.#replaced(this.tree);
    return this.#derive(grouped(this.tree));
  }

  /** Its parts live on in what takes their place, so that they are not lost. */
  #replaced(tree: ExprTree): void {
    const built = this.trace?.built;
    const at = built?.findIndex((other) => other.tree === tree) ?? -1;
    if (at >= 0) built!.splice(at, 1);
    for (const part of partsOf(tree)) this.#replaced(part);
  }

  /** A running expression over this one. @internal */
  $running<R>(fn: string, options: Readonly<Record<string, unknown>> = {}, by?: readonly ExprTree[]): R {
    const tree: ExprTree = { op: 'running', fn, args: [this.tree], options };
    return this.#derive(by === undefined ? tree : { ...tree, by });
  }

  #adopted(other: SomeExpr): ExprTree {
    return this.adopt(other);
  }

  /** The row, or where it is null the first of `others` that is not. NaN is a value. */
  coalesce<const O extends readonly CaseValue<D>[]>(...others: O): Of<F, UnifiedAll<D, O>> {
    return Expr.$call('coalesce', [this, ...others]);
  }
  /** The row, or `value` where it is null. NaN is a value. */
  fillNull<O extends CaseValue<D>>(value: O): Of<F, Unified<D, O>> {
    return Expr.$call('fillNull', [this, value]);
  }
  /**
   * Whether the row equals one of `values`, which are hashed once: O(rows) for any number of them. A null row gives null;
   * NaN equals nothing.
   */
  isIn(values: Iterable<Exclude<LiteralOf<D>, null>>): Of<F, Bool> {
    if (
      typeof values !== 'object' ||
      values === null ||
      !(Symbol.iterator in values) ||
      values instanceof Expr
    ) {
      throw new SchemaError('bad-option', `isIn takes a list of values, got ${show(values)}`);
    }
    return Expr.$call('isIn', [this, ...[...values].map((value) => new Expr(literalTree(value, 'isIn')))]);
  }
  /** Whether the row lies between two bounds, which belong to it or not as `closed` says. Default `'both'`. */
  between(low: Comparable<D>, high: Comparable<D>, options: BetweenOptions = {}): Of<F, Bool> {
    const { closed } = optionsOf(options, ['closed'], 'between');
    if (closed !== undefined) oneOf(closed, ['both', 'left', 'right', 'neither'], 'closed of between');
    return Expr.$call('between', [this, low, high], { closed });
  }
  /** The row held within bounds. Null and NaN stay; a null bound is none. */
  clip<L extends CaseValue<D> = null, U extends CaseValue<D> = null>(
    bounds: ClipOptions<L, U>,
  ): Of<F, UnifiedAll<D, [L, U]>> {
    const { lower, upper } = optionsOf(bounds, ['lower', 'upper'], 'clip');
    const given = Object.entries({ lower, upper }).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    if (given.length === 0) throw new SchemaError('bad-option', 'clip needs a lower or an upper bound');
    return Expr.$call('clip', [this, ...given.map(([, value]) => value)], {
      bounds: given.map(([name]) => name),
    });
  }
  /** Whether two rows are the same; itself never null. Null is the same as null, NaN as NaN. */
  eqMissing(other: Comparable<D>): Of<F, Bool> {
    return Expr.$call('eqMissing', [this, other]);
  }

  /**
   * The row as a value of another type: numbers of other types, text to and from numbers, booleans and times, times in
   * other units and as days, raw 64-bit integers to and from times, dictionaries to utf8.
   *
   * What does not fit is an error that names value and row, or null with `onError: 'null'`: an integer out of range, a
   * fraction as an integer, an integer of more digits than a float has, a text that is nothing but a number in full, a
   * number other than 0 and 1 as a boolean. Floats are rounded to single precision, times cut off towards the past.
   */
  cast<T extends DataType>(type: T, options: CastOptions = {}): Of<F, T> {
    const { onError } = optionsOf(options, ['onError'], 'cast');
    return Expr.$call('cast', [this], {
      type: nameOfType(type, 'cast'),
      onError: checkOnError(onError, 'cast'),
    });
  }

  /**
   * What your own function makes of each row that is not null, as a column of the declared type; it may give null. Named
   * in plans as `map(yourFunction)`. Slower than the built-in functions by far: a call and a JavaScript value for each row.
   *
   * @throws `user-code` where it throws or gives what does not fit the type, unless `onError` is `'null'`.
   */
  map<T extends DataType>(
    fn: (value: Exclude<ValueOf<D>, null>) => LiteralOf<T> | null | undefined,
    type: T,
    options: MapOptions = {},
  ): Of<F, T> {
    return Expr.$call('map', [this], mapOptions('map', type, options), functionOf(fn, 'map') as UserCode);
  }

  /** The functions of strings. */
  get str(): StringExprsOf<D, F> {
    return new StringExprs<F>((fn, others, options) => Expr.$call(fn, [this, ...others], options)) as never;
  }

  /** The functions of timestamps and dates. */
  get dt(): DateExprsOf<D, F> {
    return new DateExprs<D, F>((fn, options) => Expr.$call(fn, [this], options)) as never;
  }

  /** The expression as it was written: `amount.gt(5)`. */
  toString(): string {
    return describe(this.tree);
  }

  /** Refuses to be used as a plain value, as in `df.amount > 5`. */
  [Symbol.toPrimitive](): never {
    return trap(`the column expression ${describe(this.tree)}`);
  }

  /** To how much the expression belongs: 0 to nothing, 1 to a frame, 2 to a window on one. What is made of two belongs to as much. */
  protected get belongs(): number {
    return 0;
  }

  /** An expression of the same sort over `tree`. A series overrides it to stay a series. */
  protected make(tree: ExprTree, trace: Trace | undefined): unknown {
    return new Expr(tree, trace);
  }

  /** The tree of `other` as it reads where this expression belongs. */
  protected adopt(other: SomeExpr): ExprTree {
    return other.tree;
  }

  /**
   * A function of the registry of several expressions and values; of the sort of the one that belongs to most. `isPart` says
   * that it is not complete, and need not be used. @internal
   */
  static $call<R>(
    fn: string,
    args: readonly unknown[],
    options?: CallOptions,
    code?: UserCode,
    isPart: boolean = false,
  ): R {
    const exprs = args.filter((arg): arg is SomeExpr => arg instanceof Expr);
    let owner = exprs[0] ?? (new Expr({ op: 'literal', type: 'null', value: null }) as SomeExpr);
    for (const expr of exprs) if (expr.belongs > owner.belongs) owner = expr;
    const trace = exprs.find((expr) => expr.trace !== undefined)?.trace;
    const trees = args.map((arg) =>
      arg instanceof Expr ? owner.adopt(arg as SomeExpr) : literalTree(arg, fn),
    );
    const given =
      options && Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const tree: ExprTree = {
      op: 'call',
      fn,
      args: trees,
      ...(given !== undefined && Object.keys(given).length > 0 ? { options: given } : {}),
      ...(code === undefined ? {} : { code }),
    };
    return (isPart ? owner.make(tree, trace) : owner.#derive(tree, trace)) as R;
  }

  #derive<R>(tree: ExprTree, trace: Trace | undefined = this.trace): R {
    trace?.built.push({ tree });
    return this.make(tree, trace) as R;
  }

  #unary<R>(op: UnaryOp): R {
    return this.#derive({ op, args: [this.tree] } as ExprTree);
  }

  #binary<R>(op: BinaryOp, other: unknown): R {
    if (!(other instanceof Expr))
      return this.#derive({ op, args: [this.tree, literalTree(other, op)] } as ExprTree);
    const trace = this.trace ?? other.trace;
    if (other.belongs > this.belongs) {
      return other.#derive(
        { op, args: [other.adopt(this as unknown as SomeExpr), other.tree] } as ExprTree,
        trace,
      );
    }
    return this.#derive({ op, args: [this.tree, this.adopt(other)] } as ExprTree, trace);
  }
}

export interface BetweenOptions {
  /** Which bounds lie between themselves. Default `'both'`. */
  readonly closed?: 'both' | 'left' | 'right' | 'neither' | undefined;
}

export interface ClipOptions<L, U> {
  readonly lower?: L | undefined;
  readonly upper?: U | undefined;
}

export interface CastOptions {
  /** What becomes of a value that the type does not have. Default `'error'`. */
  readonly onError?: 'error' | 'null' | undefined;
}

export interface MapOptions {
  /** What plans call the function. Default: its own name. */
  readonly name?: string | undefined;
  /** What becomes of a row for which it throws, or gives what does not fit. Default `'error'`. */
  readonly onError?: 'error' | 'null' | undefined;
}

/** The options of a function of the user's, as a tree has them. @internal */
export function mapOptions(what: string, type: DataType, options: MapOptions): CallOptions {
  const { name, onError } = optionsOf(options, ['name', 'onError'], what);
  return { type: nameOfType(type, what), name, onError: checkOnError(onError, what) };
}

function checkOnError(onError: CastOptions['onError'], what: string): string | undefined {
  return onError === undefined ? undefined : oneOf(onError, ['error', 'null'], `onError of ${what}`);
}

function nameOfType(type: DataType, what: string): string {
  const name = typeof type?.typeId === 'number' ? typeName(type) : undefined;
  if (name !== undefined && typeFromName(name) !== undefined) return name;
  const got = name ?? (typeof type === 'function' ? 'a function; call it, as in timestamp()' : String(type));
  throw new SchemaError('bad-option', `${what}: expected a type such as float64 or utf8, got ${got}`);
}

/** A running expression over one whose type has been checked. */
function running<R>(of: unknown, fn: string, options?: Readonly<Record<string, unknown>>): R {
  return (of as SomeExpr).$running(fn, options);
}

/**
 * Which row a row is, from 1: of all rows since it was made, with `over` of those of its group. Memory: a number per group.
 */
export function rowNumber(): Expr<ExactInteger> {
  return new Expr({ op: 'running', fn: 'rowNumber', args: [], options: {} });
}

/** The tree of a JavaScript value. `what` is the operation it is given to. */
export function literalTree(value: unknown, what: string): ExprTree {
  switch (typeof value) {
    case 'number':
      return { op: 'literal', type: 'float64', value };
    case 'bigint':
      return { op: 'literal', type: 'int64', value };
    case 'string':
      return { op: 'literal', type: 'utf8', value };
    case 'boolean':
      return { op: 'literal', type: 'bool', value };
  }
  if (value === null) return { op: 'literal', type: 'null', value };
  if (isValueOperand(value)) return value.$operand;
  if (value instanceof Date && !Number.isNaN(value.getTime()))
    return { op: 'literal', type: 'timestamp', value: value.getTime() };
  throw new SchemaError(
    'bad-expression',
    `${what}: expected a column expression or a number, bigint, string, boolean, Date or null, got ${show(value)}`,
  );
}

/** The free column of that name: untyped until it is used on a frame. */
export function col(name: string): Expr<DataType> {
  return new Expr({ op: 'column', name });
}

/**
 * A value as an expression. With a `type`, the value is taken as of that type even where its partner
 * would ask for another: `df.id.mul(literal(0.5, 'float64'))` computes with floats.
 */
export function literal(value: number, type?: 'float64'): Expr<Float64>;
export function literal(value: bigint, type?: 'int64'): Expr<Int64>;
export function literal(value: Scalar | Date, type?: LiteralType): Expr<DataType>;
export function literal(
  value: Scalar | Date,
  type?: LiteralType,
): Expr<never> | Expr<DataType> | Expr<Float64> | Expr<Int64> {
  const tree = literalTree(value, 'literal') as ExprTree & { op: 'literal' };
  if (type === undefined) return new Expr(tree);
  return new Expr({ op: 'literal', type, value: valueAs(type, tree), explicit: true });
}

/** The value of a literal as one of `type`, where nothing is lost by it. */
function valueAs(type: LiteralType, { type: own, value }: ExprTree & { op: 'literal' }): Scalar {
  if (type === own || value === null) return value;
  if (type === 'int64' && typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (type === 'float64' && typeof value === 'bigint' && BigInt(Number(value)) === value)
    return Number(value);
  if (type === 'timestamp' && own === 'float64' && Number.isSafeInteger(value)) return value;
  throw new SchemaError('bad-expression', `literal: ${show(value)} is no ${type}`);
}

/**
 * Runs a callback of the operation `what` over a row of column proxies, and gives what it returned: once, and again
 * where it read a column that is not in what it returned.
 *
 * @throws `bad-expression` where it returns something that is no expression, or lost columns or expressions, as `a && b`
 * does: where it built expressions that what it returned does not use, or would return something else if a column that is
 * not used were not there. A column that was only named, as in `({ a, b }) => a.gt(5)`, is not lost.
 */
export function traced<R>(what: string, build: (trace: Trace) => R, returned: (result: R) => Returned): R {
  const trace: Trace = { built: [], read: [], without: new Set() };
  const result = build(trace);
  const used = new Set<ExprTree>();
  const visit = (tree: ExprTree): void => {
    used.add(tree);
    for (const part of partsOf(tree)) visit(part);
  };
  for (const value of Object.values(returned(result))) if (value instanceof Expr) visit(value.tree);
  const unused: string[] = [];
  // The last built first, as the parts of an unused expression are not told of by themselves.
  for (const { tree } of trace.built.reverse()) {
    if (used.has(tree)) continue;
    unused.unshift(describe(tree));
    visit(tree);
  }
  unused.unshift(...lostColumns(trace, used, returned(result), (again) => returned(build(again))));
  if (unused.length > 0) {
    throw new SchemaError(
      'bad-expression',
      `${what}: ${unused.length} expression(s) were built but not used: ${unused.join(', ')}; did you write && or || or ?: for .and(…) or .or(…)?`,
    );
  }
  return result;
}

/**
 * The columns that a callback read and lost. One that it only named, as in `({ a, b }) => a.gt(5)`, is not: without
 * it, the callback returns the same.
 */
function lostColumns(
  { read }: Trace,
  used: ReadonlySet<ExprTree>,
  returned: Returned,
  run: (again: Trace) => Returned,
): string[] {
  const idle = read.flatMap(({ tree }, i) => (used.has(tree) ? [] : [i]));
  if (idle.length === 0) return [];
  const isSame = (): boolean => {
    try {
      return textOf(run({ built: [], read: [], without: new Set(idle) })) === textOf(returned);
    } catch {
      return false; // it cannot do without
    }
  };
  return isSame() ? [] : idle.map((i) => describe(read[i]!.tree));
}

/** What a callback returned: expressions, and plain values, by name. */
type Returned = Readonly<Record<string, unknown>>;

/** What a callback returned, for comparing. */
function textOf(returned: Returned): string {
  const text = (value: unknown): string =>
    value instanceof Expr
      ? `expression ${keyOfTree(value.tree, String)}`
      : `${typeof value} ${String(value)}`;
  return JSON.stringify(Object.entries(returned).map(([name, value]) => [name, text(value)]));
}

/** What a callback must return: an expression. */
export function asExpr(value: unknown, what: string): AnyExpr {
  if (value instanceof Expr) return value;
  if (isValueOperand(value)) return new Expr(value.$operand);
  const hint =
    typeof value === 'boolean'
      ? '; did you write === or ! or > for .eq(…), .not(), .gt(…)?'
      : value === undefined
        ? '; does the callback return it?'
        : '';
  throw new SchemaError(
    'bad-expression',
    `${what}: expected a ${typeof value === 'boolean' ? 'boolean ' : ''}column expression, got ${show(value)}${hint}`,
  );
}

function isValueOperand(value: unknown): value is ValueOperand<unknown> {
  return typeof value === 'object' && value !== null && '$operand' in value;
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  if (value instanceof Date) return `a Date that is ${String(value)}`;
  if (typeof value === 'object') return `an object of ${value.constructor?.name ?? 'no class'}`;
  return `${typeof value} ${String(value)}`;
}
