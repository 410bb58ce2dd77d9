import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { float64, StreamingDataFrame, schema, utf8 } from '../../src/index.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Runs a collection, and what the platform does about it. */
async function collected(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  }
  await new Promise((resolve) => setTimeout(resolve));
}

const S = schema({ name: utf8, x: float64 });
const row = { name: 'a', x: 1 };

test('a result stays current as long as its stream can be reached', async () => {
  const df = new StreamingDataFrame({ schema: S });
  const { stream } = df.x.sum();
  const doubled = stream.map((total) => 2 * total);
  await collected();
  df.emit([row]);
  const seen: unknown[] = [];
  stream.sink((total) => seen.push(total));
  doubled.sink((total) => seen.push(total));
  df.emit([row]);
  expect(seen.sort()).toEqual([2, 4]);
});

test('groups stay current as long as one of their columns can be reached', async () => {
  const df = new StreamingDataFrame({ schema: S });
  const { x } = df.groupby('name').x.sum();
  const filtered = df
    .groupby('name')
    .x.sum()
    .filter((groups) => groups.x.gt(0)).stream;
  await collected();
  df.emit([row]);
  const total = x.sum();
  const seen: unknown[] = [];
  filtered.sink((batch) => seen.push(batch.getChild('x')!.get(0)));
  df.emit([row]);
  expect(total.current).toBe(2);
  expect(seen).toEqual([2]);
});

test('what nobody can reach costs nothing, whatever was made of it', async () => {
  const df = new StreamingDataFrame({ schema: S });
  let taken = 0;
  const counting = {
    initial: () => 0,
    onNew: (): readonly [number, number] => {
      taken++;
      return [0, 0];
    },
  };
  (() => {
    const total = df.x.aggregate(counting);
    total.sink(() => {}).dispose();
    const groups = df.groupby('name').x.aggregate(counting);
    groups.filter((row) => row.x.gt(0)).x.max();
    groups.sink(() => {}).dispose();
  })();
  df.emit([row]);
  expect(taken).toBe(2);
  await collected();
  await collected();
  df.emit([row]);
  expect(taken).toBe(2);
});
