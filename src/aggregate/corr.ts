import { type DataType, Float64 } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import type { AggregationDefinition } from './aggregation.ts';
import { coMoments } from './co-moments.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';

const output: DataType = new Float64();

/**
 * Correlation (Pearson's) of two columns of numbers, over the rows that have both: `df.x.corr(df.y)`. Null where
 * there are fewer than two such rows or one column is constant, NaN where one of the values is infinite.
 */
export const corr: AggregationDefinition<FloatType, object, 2, false> & { readonly skipna: true } = {
  name: 'corr',
  inputs: 2,
  every: false,
  skipna: true,
  accepts: hasSpread,
  bind: () =>
    coMoments(output, (momentsOf, length) => {
      const values = new Float64Array(length);
      const present = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        const { count, squaresX, squaresY, products } = momentsOf(i);
        if (count < 2 || squaresX === 0 || squaresY === 0) continue;
        const square = squaresX * squaresY;
        const inRange = square > 1e-280 && square < Infinity;
        const r = products / (inRange ? Math.sqrt(square) : Math.sqrt(squaresX) * Math.sqrt(squaresY));
        values[i] = Math.max(-1, Math.min(1, r));
        present[i] = 1;
      }
      return columnOfLanes(output, [values], present);
    }),
};
