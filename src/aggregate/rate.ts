import { type DataType, DateUnit, Float64, TimeUnit, DataType as Type } from 'apache-arrow';
import { columnOfLanes, lanesOf } from '../columnar/lanes.ts';
import { isTemporal } from '../columnar/types.ts';
import type { AggregationDefinition, SlotAggregation } from './aggregation.ts';
import { composite } from './composite.ts';
import type { FloatType } from './mean.ts';
import { hasSpread } from './moments.ts';
import { pick } from './pick.ts';

const output: DataType = new Float64();

/**
 * How fast a counter goes up, per second: `df.requests.rate()`, over the time key, or over a column named. The
 * difference of the values at the latest and at the earliest time in view, divided by the seconds between; of rows of
 * one time the first counts. A counter that stands lower at the end than at the start has been reset, and is taken to
 * have gone up from 0: restarts that are passed by the end, and what was counted before them, do not show. Float64;
 * null where there are not two different times.
 */
export const rate: AggregationDefinition<FloatType, object, 2, false> & {
  readonly overTime: true;
} = {
  name: 'rate',
  inputs: 2,
  every: false,
  overTime: true,
  accepts: (type, input = 0) => (input === 0 ? hasSpread(type) : isTemporal(type)),
  bind(type, _options, types) {
    const time = types![1]!;
    const at = (input: 0 | 1, sign: 1 | -1): SlotAggregation =>
      pick({ input, type: types![input]!, by: { input: 1, type: time }, sign, needs: 0 });
    const perSecond = unitsPerSecond(time);
    return composite([at(0, 1), at(0, -1), at(1, 1), at(1, -1)], [type, time], {
      output,
      finish(columns, length) {
        const [first, last, start, end] = columns.map(lanesOf) as [Float64Array[], ...Float64Array[][]];
        const values = new Float64Array(length);
        const present = new Uint8Array(length);
        for (let i = 0; i < length; i++) {
          const units = difference(end!, start!, i);
          if (!(units > 0)) continue;
          const change = difference(last!, first!, i);
          values[i] = (change < 0 ? numberAt(last!, i) : change) / (units / perSecond);
          present[i] = 1;
        }
        return columnOfLanes(output, [values], present);
      },
    });
  },
};

function numberAt(lanes: readonly Float64Array[], row: number): number {
  return lanes.length === 1 ? lanes[0]![row]! : lanes[0]![row]! * 2 ** 32 + lanes[1]![row]!;
}

function difference(a: readonly Float64Array[], b: readonly Float64Array[], row: number): number {
  if (a.length === 1) return a[0]![row]! - b[0]![row]!;
  return (a[0]![row]! - b[0]![row]!) * 2 ** 32 + (a[1]![row]! - b[1]![row]!);
}

function unitsPerSecond(type: DataType): number {
  if (Type.isDate(type)) return type.unit === DateUnit.DAY ? 1 / 86_400 : 1000;
  const { unit } = type as unknown as { unit: TimeUnit };
  return {
    [TimeUnit.SECOND]: 1,
    [TimeUnit.MILLISECOND]: 1e3,
    [TimeUnit.MICROSECOND]: 1e6,
    [TimeUnit.NANOSECOND]: 1e9,
  }[unit];
}
