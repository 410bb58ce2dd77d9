import { type DataType, Float64 } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { AggregationDefinition } from './aggregation.ts';
import { coMoments } from './co-moments.ts';
import type { FloatType } from './mean.ts';
import { hasSpread, type SpreadOptions, spreadOptions } from './moments.ts';

const output: DataType = new Float64();

/**
 * Covariance of two columns of numbers, over the rows that have both: `df.x.cov(df.y)`. Null where there are fewer
 * than ddof + 1 such rows, NaN where one of them is infinite.
 */
export const cov: AggregationDefinition<FloatType, SpreadOptions, 2, false> & { readonly skipna: true } = {
  name: 'cov',
  inputs: 2,
  every: false,
  skipna: true,
  accepts: hasSpread,
  options: (given) => spreadOptions('cov', given),
  bind: (_type, { ddof = 1 }) =>
    coMoments(output, (momentsOf, length) => {
      const values = new Float64Array(length);
      const present = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        const { count, products } = momentsOf(i);
        if (count <= ddof) continue;
        values[i] = products / (count - ddof);
        present[i] = 1;
      }
      return columnOfLanes(output, [values], present);
    }),
};
