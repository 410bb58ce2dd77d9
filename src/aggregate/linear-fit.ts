import { type DataType, Float64, Int64, type Struct } from 'apache-arrow';
import { columnOfLanes } from '../columnar/lanes.ts';
import { structColumn, structType } from '../columnar/nested.ts';
import type { AggregationDefinition, Apply, ExactInteger, TypeFunction } from './aggregation.ts';
import { coMoments } from './co-moments.ts';
import { exactIntegers } from './exact-integer.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';

/** The fields of a fitted line. */
export type LinearFit = Struct<{ slope: Float64; intercept: Float64; r2: Float64; n: ExactInteger }>;

export interface LinearFitType extends TypeFunction {
  readonly output: [Apply<FloatType, Extract<this['input'], DataType>>] extends [never] ? never : LinearFit;
  readonly nullable: true;
}

const output = structType(
  {
    slope: new Float64(),
    intercept: new Float64(),
    r2: new Float64(),
    n: new Int64(),
  },
  ['n'],
);

/**
 * The straight line with the least squared distances through y over x, of the rows that have both:
 * `df.y.linearFit(df.x)` is `{ slope, intercept, r2, n }`. `r2` is the part of y's variance that the line explains, 1
 * where y is constant. Null where there are fewer than two such rows or x is constant.
 */
export const linearFit: AggregationDefinition<LinearFitType, object, 2, false> = {
  name: 'linearFit',
  inputs: 2,
  every: false,
  accepts: hasSpread,
  bind: () => ({
    ...coMoments(output, (momentsOf, length) => {
      const [slope, intercept, r2, n] = Array.from({ length: 4 }, () => new Float64Array(length)) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const present = new Uint8Array(length);
      for (let i = 0; i < length; i++) {
        // The first input is y.
        const { count, meanX, meanY, squaresX, squaresY, products } = momentsOf(i);
        if (count < 2 || squaresY === 0) continue;
        slope[i] = products / squaresY;
        intercept[i] = meanX - slope[i]! * meanY;
        r2[i] = squaresX === 0 ? 1 : Math.min(1, (products / squaresX) * slope[i]!);
        n[i] = count;
        present[i] = 1;
      }
      const all = Int32Array.from({ length }, (_, i) => i);
      const floats = [slope, intercept, r2].map((lane) => columnOfLanes(new Float64(), [lane]));
      return structColumn(output, length, [...floats, exactIntegers(n, all)], present);
    }),
    plainNumber: true,
  }),
};
