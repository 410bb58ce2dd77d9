import { Float64, TimestampMillisecond, Utf8 } from 'apache-arrow';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { count, sum } from '../../src/aggregate/index.ts';
import { createAggregateState } from '../../src/frame/aggregate-state.ts';
import { column, valuesOf } from '../support/columns.ts';

interface Row {
  readonly t: number;
  readonly k: string;
  readonly x: number;
}

const width = 20;
const row = fc.record({
  t: fc.nat(15),
  k: fc.constantFrom('a', 'b', 'c'),
  x: fc.integer({ min: -9, max: 9 }),
});
/** A batch of rows, or how far the end moves on. */
const acts = fc.array(fc.oneof(fc.array(row, { maxLength: 8 }), fc.integer({ min: -3, max: 12 })), {
  maxLength: 25,
});

/** What an arrival-by-arrival window would hold. */
class Plain {
  readonly lower: boolean;
  readonly upper: boolean;
  end = -Infinity;
  rows: Row[] = [];

  constructor(closed: string) {
    this.lower = closed === 'left' || closed === 'both';
    this.upper = closed === 'right' || closed === 'both';
  }

  isOut({ t }: Row): boolean {
    return this.lower ? t < this.end - width : t <= this.end - width;
  }

  moveTo(end: number): void {
    this.end = Math.max(this.end, end);
    this.rows = this.rows.filter((one) => !this.isOut(one));
  }

  take(rows: readonly Row[]): void {
    for (const one of rows) {
      if (this.isOut(one)) continue;
      this.rows.push(one);
      this.moveTo(one.t);
    }
  }

  get inView(): Row[] {
    return this.upper ? this.rows : this.rows.filter(({ t }) => t < this.end);
  }
}

test.each(['right', 'left', 'both', 'neither'] as const)(
  'a window (%s) that is moved without rows holds what it would have held',
  (closed) => {
    fc.assert(
      fc.property(acts, fc.boolean(), (all, handOver) => {
        const spec = {
          aggregations: [
            { bound: sum.bind(new Float64(), {}), inputs: [0] },
            { bound: count.bind(new Float64(), {}), inputs: [0] },
          ],
          inputTypes: [new Float64()],
          groupTypes: [new Utf8()],
          window: { width: BigInt(width), closed, keyType: new TimestampMillisecond() },
        };
        let state = createAggregateState(spec);
        const plain = new Plain(closed);
        let now = 100;
        for (const act of all) {
          if (typeof act === 'number') {
            const before = plain.inView;
            const end = plain.end + act;
            if (plain.end > -Infinity) plain.moveTo(end);
            const { changed, left } = state.advance({ high: 0, low: Math.max(0, end) });
            expect(left).toBe(plain.rows.length);
            // What is said to be the same is the same.
            if (!changed) expect(plain.inView).toEqual(before);
          } else {
            const rows = act.map(({ t, ...rest }) => ({ ...rest, t: now + t - 10 }));
            now += 6;
            plain.take(rows);
            state.update({
              length: rows.length,
              keys: [
                column(
                  new Utf8(),
                  rows.map(({ k }) => k),
                ),
              ],
              values: [
                column(
                  new Float64(),
                  rows.map(({ x }) => x),
                ),
              ],
              order: column(
                new TimestampMillisecond(),
                rows.map(({ t }) => t),
              ),
            });
          }
          if (handOver) {
            const saved = structuredClone(state.save());
            state = createAggregateState(spec);
            state.restore(saved);
          }
          const names = [...new Set(plain.inView.map(({ k }) => k))].sort();
          const of = (name: string): Row[] => plain.inView.filter(({ k }) => k === name);
          const { keys, values } = state.result();
          expect(valuesOf(keys[0]!)).toEqual(names);
          expect(valuesOf(values[0]!)).toEqual(names.map((name) => of(name).reduce((a, { x }) => a + x, 0)));
          expect(valuesOf(values[1]!).map(Number)).toEqual(names.map((name) => of(name).length));
          expect(state.end?.low ?? -Infinity).toBe(plain.end);
        }
      }),
      { numRuns: 150 },
    );
  },
);
