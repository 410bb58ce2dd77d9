import { describe, expect, test } from 'vitest';
import {
  Aggregation,
  type Column,
  float64,
  Stream,
  StreamingDataFrame,
  schema,
  toRows,
  utf8,
} from '../../src/index.ts';

const columns = schema({ k: utf8, x: float64 });

type Verb = 'initial' | 'onNew' | 'onOld' | 'merge';

/** A total whose functions throw when `bad` says so, after as many calls. */
class Fragile extends Aggregation<Column, { total: number }, number> {
  bad: Verb | undefined;
  after = 0;

  protected check(verb: Verb): void {
    if (this.bad === verb && this.after-- === 0) throw new Error(`${verb} breaks`);
  }
  initial() {
    this.check('initial');
    return { total: 0 };
  }
  onNew({ total }: { total: number }, rows: Column): [{ total: number }, number] {
    this.check('onNew');
    return [{ total: total + rows.sum() }, total + rows.sum()];
  }
}

class TakesAway extends Fragile {
  override onOld({ total }: { total: number }, rows: Column): [{ total: number }, number] {
    this.check('onOld');
    return [{ total: total - rows.sum() }, total - rows.sum()];
  }
}

class Merges extends Fragile {
  override merge(a: { total: number }, b: { total: number }) {
    this.check('merge');
    return { total: a.total + b.total };
  }
}

const batches = [
  [
    { k: 'a', x: 1 },
    { k: 'b', x: 2 },
  ],
  [
    { k: 'b', x: 4 },
    { k: 'c', x: 8 },
  ],
  [{ k: 'a', x: 16 }],
];
const bad = [
  { k: 'd', x: 1 },
  { k: 'a', x: 2 },
  { k: 'b', x: 3 },
  { k: 'e', x: 4 },
];

describe.each([
  ['takes away', TakesAway],
  ['merges', Merges],
  ['runs again', Fragile],
] as const)('where an aggregation that %s breaks', (_, Own) => {
  const shapes = {
    'all time': (df: Frame, own: Fragile) => df.x.aggregate(own),
    'a window': (df: Frame, own: Fragile) => df.window(4).x.aggregate(own),
    groups: (df: Frame, own: Fragile) => df.groupby('k').x.aggregate(own),
    'groups in a window': (df: Frame, own: Fragile) => df.window(4).groupby('k').x.aggregate(own),
  };
  const newFrame = () => new StreamingDataFrame({ schema: columns });
  type Frame = ReturnType<typeof newFrame>;

  test.each(Object.entries(shapes))('over %s, all is as before and the next batch works', (_shape, make) => {
    let broken = 0;
    for (const verb of ['initial', 'onNew', 'onOld', 'merge'] as const) {
      for (let after = 0; after < 6; after++) {
        const own = new Own();
        const [df, whole] = [newFrame(), newFrame()];
        const [result, wanted] = [make(df, own), make(whole, new Own())];
        const now = (of: typeof result): unknown => {
          const { current } = of;
          return typeof current === 'object' && current !== null ? toRows(current) : current;
        };
        for (const batch of batches) {
          df.emit(batch);
          whole.emit(batch);
        }
        const before = result.stream.graph.snapshot();
        own.bad = verb;
        own.after = after;
        let thrown: unknown;
        try {
          df.emit(bad);
        } catch (error) {
          thrown = error;
        }
        own.bad = undefined;
        if (thrown === undefined) continue; // it is not called as often
        broken++;
        expect(String(thrown)).toContain(`${verb} of "${Own.name}" threw: ${verb} breaks`);
        expect(now(result)).toEqual(now(wanted));
        expect(result.stream.graph.snapshot()).toEqual(before);
        for (const batch of batches) {
          df.emit(batch);
          whole.emit(batch);
          expect(now(result)).toEqual(now(wanted));
        }
      }
    }
    expect(broken).toBeGreaterThan(0);
  });
});

describe('a diamond', () => {
  const places = ['top', 'left', 'right', 'bottom'] as const;

  /** Two aggregations below one node and a join of their results; each place can be told to throw. */
  function diamond() {
    const breaks = { at: '' };
    const may = (place: string): void => {
      if (breaks.at === place) throw new Error(`${place} breaks`);
    };
    const through = (place: string) => {
      return <T>(x: T): T => {
        may(place);
        return x;
      };
    };
    class Own extends Fragile {
      protected override check(): void {
        may('right');
      }
    }
    const source = new Stream<object[]>();
    const df = source.map(through('top')).toDataFrame({ schema: columns });
    const left = df.filter((r) => r.x.gt(0)).x.sum();
    const right = df.window(3).x.aggregate(new Own());
    const seen: [number, number | null][] = [];
    const joined = left.stream.map(through('left')).zip(right.stream);
    joined.map(through('bottom')).sink((pair) => void seen.push(pair as [number, number | null]));
    return { source, left, right, seen, breaks };
  }

  test.each(places)(
    'goes on after a throw in its %s: who threw is as before, the others have the batch',
    (place) => {
      const { source, left, right, seen, breaks } = diamond();
      source.emit([{ k: 'a', x: 1 }]);
      breaks.at = place;
      expect(() => source.emit([{ k: 'a', x: 10 }])).toThrow(`${place} breaks`);
      breaks.at = '';
      expect(left.current).toBe(place === 'top' ? 1 : 11);
      expect(right.current).toBe(place === 'top' || place === 'right' ? 1 : 11);
      source.emit([{ k: 'a', x: 100 }]);
      expect(left.current).toBe(place === 'top' ? 101 : 111);
      expect(right.current).toBe(place === 'top' || place === 'right' ? 101 : 111);
      expect(seen.length).toBeGreaterThan(1);
    },
  );
});
