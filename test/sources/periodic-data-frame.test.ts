import { expect, test, vi } from 'vitest';
import { float64, PeriodicDataFrame, schema, timestamp, utf8 } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const S = schema({ t: timestamp('ms'), x: float64 });

test('a periodic frame asks for rows while a result needs them, and says how its source is', async () => {
  const clock = new VirtualClock({ now: 1000 });
  const readings = new PeriodicDataFrame(({ last, now }) => [{ t: now, x: now - last }], {
    interval: '100ms',
    schema: S,
    time: 't',
    clock,
  });
  expect(readings.source.state.status).toBe('idle');
  const mean = readings.window('250ms').x.mean();
  await clock.advance('450ms');
  expect(mean.current).toBe(100);
  expect(readings.source.state.status).toBe('live');
  expect(readings.source.counts).toMatchObject({ batches: 4, rows: 4 });
  mean.dispose();
  await clock.advance('1s');
  expect(readings.source.counts.batches).toBe(4);
  expect(readings.source.state.status).toBe('idle');
});

test('a callback that fails is heard of by its source, and the next tick goes on', async () => {
  const clock = new VirtualClock({ now: 0 });
  let calls = 0;
  const readings = new PeriodicDataFrame(
    ({ now }) => {
      if (++calls === 2) throw new Error('sensor gone');
      return [{ t: now, x: calls }];
    },
    { interval: '1s', schema: S, clock },
  );
  const errors: string[] = [];
  readings.source.errors.sink((error) => errors.push(error.message));
  const total = readings.x.sum();
  await clock.advance('3500ms');
  expect(total.current).toBe(1 + 3);
  expect(errors).toEqual(['callback threw on tick 1: sensor gone']);
});

test('a column that is called source is reached by col, and said', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const readings = new PeriodicDataFrame(() => [], { schema: schema({ source: utf8 }) });
  expect(warn.mock.calls).toEqual([
    ['millrace: column source has the name of a member; reach it as df.col.source'],
  ]);
  warn.mockRestore();
  expect(readings.source.state.status).toBe('idle');
  expect(readings.col.source.tree).toEqual({ op: 'column', name: 'source' });
});
