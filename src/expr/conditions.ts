import type { DataType } from 'apache-arrow';
import type { FamilyOf, LiteralOf, ValueOf } from '../columnar/type-families.ts';
import { functionOf } from '../core/check.ts';
import { SchemaError } from '../errors.ts';
import { Expr, type MapOptions, mapOptions } from './expr.ts';
import type {
  AnyExpr,
  CaseLiteral,
  CaseValue,
  ExprFamily,
  Of,
  SortOf,
  TypeOfValue,
  Unified,
  UnifiedAll,
} from './operands.ts';
import type { UserCode } from './tree.ts';

type Condition = AnyExpr & { readonly family: 'bool' };

/** A condition that waits for its value. */
export interface When<C> {
  /** The value where the condition is true. */
  then<const V extends AnyExpr | CaseLiteral>(value: V): Then<TypeOfValue<V>, SortOf<C | V>>;
}

/** An expression with its cases so far, null where none of them holds; more may follow. */
export type Then<D extends DataType, F extends ExprFamily> = Of<F, Unified<D, null>> & Cases<D, F>;

interface Cases<D extends DataType, F extends ExprFamily> {
  /** A further condition, for the rows in which none of those before is true. */
  when(condition: Condition): {
    then<const V extends CaseValue<D>>(value: V): Then<Unified<D, V>, F>;
  };
  /** The value of the rows in which no condition is true. */
  otherwise<const V extends CaseValue<D>>(value: V): Of<F, Unified<D, V>>;
}

/**
 * The value of the first condition that is true: `when(r.x.gt(5)).then('high').when(r.x.gt(2)).then('middle').otherwise('low')`.
 * A condition that is null is not true; without `otherwise` the rest is null.
 *
 * The values are of one type: strings are utf8, numbers of different types as arithmetic has it. All values are computed
 * for all rows; an error in one that is not chosen is an error all the same.
 */
export function when<C extends Condition>(condition: C): When<C> {
  return whenAfter([], condition) as When<C>;
}

function whenAfter(before: readonly unknown[], condition: unknown): When<unknown> {
  if (!(condition instanceof Expr)) {
    throw new SchemaError(
      'bad-expression',
      `when: expected a boolean column expression, got ${typeof condition} ${String(condition)}`,
    );
  }
  return {
    // biome-ignore lint/suspicious/noThenProperty: the word for it; it refuses to be awaited
    then(value: unknown): never {
      if (typeof value === 'function') {
        throw new SchemaError(
          'bad-expression',
          'when(…).then takes a value or an expression; a when cannot be awaited',
        );
      }
      return thenOf([...before, condition, value]) as never;
    },
  };
}

function thenOf(cases: readonly unknown[]): object {
  const expr = Expr.$call<object>('when', cases, undefined, undefined, true);
  return Object.defineProperties(expr, {
    when: { value: (condition: unknown) => whenAfter(cases, condition) },
    otherwise: { value: (value: unknown) => Expr.$call('when', [...cases, value]) },
  });
}

/** The first of the values of a row that is not null. NaN is a value. */
export function coalesce<
  const V extends AnyExpr | CaseLiteral,
  const O extends readonly CaseValue<TypeOfValue<V>>[],
>(first: V, ...others: O): Of<SortOf<V | O[number]>, UnifiedAll<Unified<TypeOfValue<V>, null>, O>> {
  return Expr.$call('coalesce', [first, ...others]);
}

type Ordered<V> = FamilyOf<TypeOfValue<V>> extends 'string' | 'bool' ? never : V;

/** The least of the values of a row, which are numbers or times; null and NaN are skipped, and nothing else is null. */
export function minOf<
  const V extends AnyExpr | CaseLiteral,
  const O extends readonly CaseValue<TypeOfValue<V>>[],
>(first: Ordered<V>, ...others: O): Of<SortOf<V | O[number]>, UnifiedAll<Unified<TypeOfValue<V>, null>, O>> {
  return Expr.$call('minOf', [first, ...others]);
}

/** The greatest of the values of a row, which are numbers or times; null and NaN are skipped, and nothing else is null. */
export function maxOf<
  const V extends AnyExpr | CaseLiteral,
  const O extends readonly CaseValue<TypeOfValue<V>>[],
>(first: Ordered<V>, ...others: O): Of<SortOf<V | O[number]>, UnifiedAll<Unified<TypeOfValue<V>, null>, O>> {
  return Expr.$call('maxOf', [first, ...others]);
}

type ValuesOf<E extends readonly AnyExpr[]> = {
  -readonly [K in keyof E]: Exclude<ValueOf<TypeOfValue<E[K]>>, null>;
};

/**
 * What your own function makes of the values of several columns, row by row, as a column of the declared type; see
 * `Expr.map`. A row in which one of them is null is null, and the function is not called.
 */
export function mapValues<const E extends readonly AnyExpr[], T extends DataType>(
  columns: E,
  fn: (...values: ValuesOf<E>) => LiteralOf<T> | null | undefined,
  type: T,
  options: MapOptions = {},
): Of<SortOf<E[number]>, T> {
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every((column) => column instanceof Expr)) {
    throw new SchemaError(
      'bad-option',
      'mapValues takes a list of column expressions, a function and a type',
    );
  }
  const code = functionOf(fn, 'mapValues') as UserCode;
  return Expr.$call('mapValues', columns, mapOptions('mapValues', type, options), code);
}
