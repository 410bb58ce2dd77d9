import type { DataType, Struct } from 'apache-arrow';
import { structColumn, structType } from '../columnar/nested.ts';
import type { FamilyOf } from '../columnar/type-families.ts';
import { isNull } from '../columnar/value.ts';
import type { AggregationDefinition, TypeFunction } from './aggregation.ts';
import { composite } from './composite.ts';
import { extreme, isOrdered } from './extreme.ts';
import { pick } from './pick.ts';

/** The fields of an ohlc of values of type `D`. */
export type Ohlc<D extends DataType> = Struct<{ open: D; high: D; low: D; close: D }>;

export interface OhlcType extends TypeFunction {
  readonly output: FamilyOf<this['input']> extends 'string' | 'null'
    ? never
    : Ohlc<Extract<this['input'], DataType>>;
  readonly nullable: true;
}

/**
 * First, greatest, least and last valid value, in order of arrival: `{ open, high, low, close }`; null where there is
 * none.
 */
export const ohlc: AggregationDefinition<OhlcType, object, 1, false> = {
  name: 'ohlc',
  every: false,
  accepts: isOrdered,
  bind(type) {
    const parts = [
      pick({ input: 0, type, sign: 1 }),
      extreme(type, -1),
      extreme(type, 1),
      pick({ input: 0, type, sign: -1 }),
    ];
    const output = structType({ open: type, high: type, low: type, close: type });
    return composite(parts, [type], {
      output,
      plainNumber: true,
      finish: (columns, length) =>
        structColumn(
          output,
          length,
          columns,
          Uint8Array.from({ length }, (_, row) => Number(!isNull(columns[0]!, row))),
        ),
    });
  },
};
