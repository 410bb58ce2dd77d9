import { Field, List, type RecordBatch, Schema, Utf8 } from 'apache-arrow';
import { buildBatch, type Row } from '../../src/columnar/build.ts';
import {
  bool,
  dateDay,
  dictionary,
  float64,
  int32,
  int64,
  schema,
  timestamp,
  utf8,
} from '../../src/index.ts';
import { randomFrom } from '../../src/testing/random.ts';

const plain = schema({
  t: timestamp('ms'),
  u: int64,
  name: utf8,
  kind: dictionary(utf8),
  k: int32,
  flag: bool,
  day: dateDay,
  i: int32,
  n: int64,
  w: float64,
  full: float64,
  nulls: float64,
  nans: float64,
  missing: float64,
  leading: float64,
  mixed: float64,
});

/** Keys, values of each type, and one float column for each way in which values are missing or strange. */
export const rowSchema: Schema = new Schema([
  ...plain.fields,
  new Field('tags', new List(new Field('item', new Utf8(), true)), true),
]);

/** The float columns by what they lack. */
export const patterns = ['full', 'nulls', 'nans', 'missing', 'leading', 'mixed'] as const;

const names = ['Alice', 'Bob', '😀', '', '\uE000', 'Zoë', 'a name of more than twelve bytes'];
const strange = [Infinity, -Infinity, 1e16, -1e16, -0, 0, Number.NaN, null];

/** The same rows for the same seed: 100 ms apart, some late, some later than any window, some at equal times. */
export function invarianceRows(count: number, seed: number): RecordBatch {
  const random = randomFrom(seed);
  const oneIn = (n: number): boolean => random(n) === 0;
  const value = (): number => (random(20_001) - 10_000) / 64;
  const rows = Array.from({ length: count }, (_, i): Row => {
    const late = oneIn(100) ? 60_000 : oneIn(6) ? random(4000) : 0;
    const t = 1_700_000_000_000 + 100 * (i - (i % 3 === 0 ? 1 : 0)) - late;
    return {
      t: oneIn(80) ? null : t,
      u: BigInt(10 * i - random(60)),
      name: oneIn(12) ? null : names[random(names.length)]!,
      kind: oneIn(15) ? null : names[random(3)]!,
      k: oneIn(15) ? null : random(3),
      flag: oneIn(10) ? null : oneIn(2),
      day: 86_400_000 * (random(400) - 200),
      i: oneIn(9) ? null : random(1000) - 500,
      n: oneIn(9) ? null : BigInt(random(64) - 20) * 35_184_372_088_833n,
      w: 1 + random(64) / 8,
      full: value(),
      nulls: oneIn(3) ? null : value(),
      nans: oneIn(3) ? Number.NaN : value(),
      missing: null,
      leading: 10 * i < 3 * count ? null : value(),
      mixed: oneIn(8) ? strange[random(strange.length)]! : value(),
      tags: oneIn(9) ? null : Array.from({ length: random(4) }, () => names[random(3)]!),
    };
  });
  return buildBatch(rowSchema, rows).batch.toRecordBatch();
}
