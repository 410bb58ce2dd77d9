import type { Bool, DataType, Float64, Int64 } from 'apache-arrow';
import type { ExactInteger, FamilyOf, IsUnknown, LiteralOf, Unavailable } from '../columnar/type-families.ts';
import type { Scalar } from '../columnar/value.ts';
import { SchemaError } from '../errors.ts';
import {
  type BinaryOp,
  describe,
  type ExprTree,
  isRunning,
  keyOfTree,
  type LiteralType,
  partsOf,
  type UnaryOp,
  type ValueOperand,
  withParts,
} from './tree.ts';

/**
 * What sort of expression the operations of an expression give: a free one, or a series of some frame.
 * `(F & { type: D })['expr']` is an expression of type `D`.
 */
export interface ExprFamily {
  /** Unknown, so that `Of` makes just `D` of it. */
  readonly type: unknown;
  readonly expr: unknown;
}

type Of<F extends ExprFamily, D extends DataType> = (F & { readonly type: D })['expr'];

/** Expressions that belong to no frame. */
export interface FreeExprs extends ExprFamily {
  readonly expr: Expr<Extract<this['type'], DataType>>;
}

/** Any expression of type `D`: free, or a series. Columns of no particular type pass for every type. */
export interface AnyExpr<D extends DataType = DataType> {
  readonly tree: ExprTree;
  readonly dataType: D;
  readonly family: string;
}

/** The same at run time. */
type SomeExpr = Expr<DataType, ExprFamily>;

/** The phantom of a type; that of no particular type passes for every one. */
type Phantom<D, T> = IsUnknown<D> extends true ? never : T;

/** What arithmetic may be done with. */
type NumericOperand<D extends DataType> = {
  number: number | NumericExpr | ValueOperand<number | null>;
  int64: bigint | NumericExpr | ValueOperand<number | bigint | null>;
  unknown: number | bigint | AnyExpr | ValueOperand<unknown>;
  string: Unavailable<'arithmetic is not available on utf8 columns'>;
  bool: Unavailable<'arithmetic is not available on bool columns'>;
  null: number | AnyExpr;
  'time-ms': Unavailable<'arithmetic is not available on columns of times'>;
  time: Unavailable<'arithmetic is not available on columns of times'>;
}[FamilyOf<D>];

/** Expressions of numbers. Checked by a member that only they have in this form. */
type NumericExpr = AnyExpr & { readonly family: 'number' | 'int64' };

/** Numbers up to 32 bits and floats give float64; 64-bit integers stay themselves beside literals. */
type Arithmetic<D extends DataType, O> =
  IsUnknown<D> extends true
    ? DataType
    : FamilyOf<D> extends 'int64'
      ? O extends bigint
        ? Int64
        : O extends { readonly family: 'int64' }
          ? Int64
          : O extends { readonly dataType: infer E }
            ? IsFloat<E> extends true
              ? Float64
              : Int64
            : O extends ValueOperand<bigint | null>
              ? Int64
              : Float64
      : O extends { readonly family: 'int64' }
        ? IsFloat<D> extends true
          ? Float64
          : Int64
        : Float64;

type IsFloat<D> = D extends { readonly precision: unknown } ? true : false;

/** Running totals: those of floats are float64, of 64-bit integers themselves, of other integers exact. */
type Totalled<D extends DataType> = {
  unknown: DataType;
  number: IsFloat<D> extends true ? Float64 : ExactInteger;
  int64: D;
  bool: ExactInteger;
  string: never;
  null: never;
  'time-ms': D;
  time: D;
}[FamilyOf<D>];

type Comparable<D extends DataType> =
  | LiteralOf<D>
  | null
  | ValueOperand<LiteralOf<D> | null>
  | (FamilyOf<D> extends 'unknown'
      ? AnyExpr
      : AnyExpr & {
          readonly family: FamilyOf<D> extends 'number' | 'int64' ? 'number' | 'int64' : FamilyOf<D>;
        });

type BoolOperand = boolean | (AnyExpr & { readonly family: 'bool' });

type BoolSelf<D extends DataType> =
  FamilyOf<D> extends 'bool' | 'unknown' ? BoolOperand : Unavailable<'logic needs bool columns'>;

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
  protected readonly trace: Trace | undefined;

  constructor(tree: ExprTree, trace?: Trace) {
    this.tree = tree;
    this.trace = trace;
  }

  /** Sum. */
  add<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
    return this.#binary('add', other);
  }
  /** Difference. */
  sub<O extends NumericOperand<D>>(other: O): Of<F, Arithmetic<D, O>> {
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
  cumsum(): Of<F, Totalled<D>> {
    return this.$running('cumsum');
  }
  /** The product of this and all earlier rows, as float64. Null and NaN as for `cumsum`. */
  cumprod(): Of<F, Float64> {
    return this.$running('cumprod');
  }
  /** The least of this and all earlier rows. Null and NaN as for `cumsum`. */
  cummin(): Of<F, D> {
    return this.$running('cummin');
  }
  /** The greatest of this and all earlier rows. Null and NaN as for `cumsum`. */
  cummax(): Of<F, D> {
    return this.$running('cummax');
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
    const grouped = (tree: ExprTree): ExprTree => {
      const inner = withParts(tree, grouped);
      return inner.op === 'running' && inner.by === undefined ? { ...inner, by: own } : inner;
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
  $running<R>(fn: string, options: Readonly<Record<string, unknown>> = {}): R {
    return this.#derive({ op: 'running', fn, args: [this.tree], options });
  }

  #adopted(other: SomeExpr): ExprTree {
    return this.adopt(other);
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
    value instanceof Expr ? `expression ${keyOfTree(value.tree)}` : `${typeof value} ${String(value)}`;
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
