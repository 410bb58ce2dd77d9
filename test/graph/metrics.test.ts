import { describe, expect, test } from 'vitest';
import { Node } from '../../src/core/node.ts';
import type { NodeMetrics } from '../../src/graph/observer.ts';
import { float64, StreamingDataFrame, schema, toRows, utf8 } from '../../src/index.ts';
import { Stream } from '../../src/stream.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';

const inc = (x: number): number => x + 1;
const byLabel = (rows: readonly NodeMetrics[]) => Object.fromEntries(rows.map((row) => [row.label, row]));

function graph() {
  const clock = new VirtualClock({ now: 1000 });
  const source = new Stream<number>({ name: 'source', clock });
  const mapped = source.map(inc);
  return { clock, source, mapped };
}

/** Holds everything back. */
class Keeping extends Node<number, number> {
  override readonly kind: string = 'keeping';
  #kept = 0;

  override update(): void {
    this.#kept++;
  }

  override get waiting(): number {
    return this.#kept;
  }
}

describe('metrics', () => {
  test('gives a row per node and interval: elements, and elements per second since the row before', async () => {
    const { clock, source, mapped } = graph();
    mapped.sink(() => {}, { name: 'end' });
    const readings = mapped.metrics({ interval: '2s' }).sinkToList();
    for (let i = 0; i < 6; i++) source.emit(i);
    await clock.advance('2s');
    source.emit(1);
    await clock.advance('2s');
    expect(
      readings.map((rows) =>
        rows.map(({ label, elements, elementsPerSecond }) => [label, elements, elementsPerSecond]),
      ),
    ).toEqual([
      [
        ['source', 6, 3],
        ['map(inc)', 6, 3],
        ['end', 6, 3],
      ],
      [
        ['source', 7, 0.5],
        ['map(inc)', 7, 0.5],
        ['end', 7, 0.5],
      ],
    ]);
    expect(readings[1]!.map(({ time, node, kind }) => [time, node, kind])).toEqual([
      [5000, 'n0', 'stream'],
      [5000, 'n1', 'map'],
      [5000, 'n2', 'sink'],
    ]);
  });

  test('counts failures, dropped and waiting elements', async () => {
    const { clock, source } = graph();
    const odd = (x: number): number => {
      if (x % 2 === 0) throw new Error('even');
      return x;
    };
    source
      .map(odd, { onError: 'skip' })
      .through(new Keeping())
      .sink(() => {});
    source.emit(2);
    const readings = source.metrics().sinkToList();
    for (const x of [1, 2, 3, 5]) void source.emit(x);
    await clock.advance('1s');
    expect(
      readings[0]!.map(({ kind, elements, errors, dropped, waiting }) => [
        kind,
        elements,
        errors,
        dropped,
        waiting,
      ]),
    ).toEqual([
      ['stream', 4, 0, 0, 0],
      ['map', 4, 1, 1, 0],
      ['keeping', 3, 0, 0, 3],
      ['sink', 0, 0, 0, 0],
    ]);
  });

  test('measures the work of each node without that of the others', async () => {
    const clock = new VirtualClock();
    let ms = 0;
    const busy = { ...clockOf(clock), monotonic: () => clock.monotonic() + ms };
    const source = new Stream<number>({ name: 'source', clock: busy });
    const work = (cost: number) => (x: number) => {
      ms += cost;
      return x;
    };
    source
      .map(work(5), { name: 'five' })
      .map(work(2), { name: 'two' })
      .sink(() => {}, { name: 'end' });
    const readings = source.metrics({ clock }).sinkToList();
    source.emit(1);
    source.emit(2);
    await clock.advance('1s');
    const { five, two, end } = byLabel(readings[0]!);
    expect([five!.busyMs, two!.busyMs, end!.busyMs]).toEqual([10, 4, 0]);
    expect(five!.msPerElement).toBe(5);
    await clock.advance('1s');
    expect(byLabel(readings[1]!).five!.msPerElement).toBeNull();
  });

  test('counts only while somebody listens', async () => {
    const { clock, source, mapped } = graph();
    mapped.sink(() => {});
    const metrics = source.metrics();
    expect(clock.timers).toBe(0);
    const first = metrics.sink(() => {});
    expect(clock.timers).toBe(1);
    source.emit(1);
    first.dispose();
    expect(clock.timers).toBe(0);
    source.emit(2);
    const readings = metrics.sinkToList();
    source.emit(3);
    await clock.advance('1s');
    expect(readings[0]!.map(({ elements }) => elements)).toEqual([1, 1, 1]);
  });

  test('several listeners do not disturb each other', async () => {
    const { clock, source, mapped } = graph();
    mapped.sink(() => {});
    const first = source.metrics();
    const readings = mapped.metrics({ interval: '3s' }).sinkToList();
    const short = first.sink(() => {});
    source.emit(1);
    await clock.advance('1s');
    short.dispose();
    source.emit(2);
    await clock.advance('2s');
    expect(readings.map((rows) => rows[1]!.elements)).toEqual([2]);
    const later = source.metrics().sinkToList();
    source.emit(3);
    await clock.advance('3s');
    expect(later[0]!.map(({ elements }) => elements)).toEqual([1, 1, 1]);
    expect(readings[1]!.map(({ elements }) => elements)).toEqual([3, 3, 3]);
  });

  test('picks up nodes that come later, and lets go of those that went', async () => {
    const { clock, source, mapped } = graph();
    const sink = mapped.sink(() => {}, { name: 'first' });
    const readings = source.metrics().sinkToList();
    await clock.advance('1s');
    const second = mapped.sink(() => {}, { name: 'second' });
    await clock.advance('1s');
    source.emit(1);
    sink.dispose();
    await clock.advance('1s');
    second.dispose();
    expect(readings.map((rows) => rows.map(({ node, label }) => `${node} ${label}`))).toEqual([
      ['n0 source', 'n1 map(inc)', 'n2 first'],
      ['n0 source', 'n1 map(inc)', 'n2 first', 'n3 second'],
      ['n0 source', 'n1 map(inc)', 'n3 second'],
    ]);
    expect(byLabel(readings[2]!).second!.elements).toBe(1);
  });

  test('does not keep what it observes working', () => {
    const { source, mapped } = graph();
    mapped.metrics().sink(() => {});
    expect([source.node.active, mapped.node.active]).toEqual([false, false]);
    expect(mapped.toDot()).not.toContain('metrics');
  });

  test('leaves out readings while a listener is still busy with one', async () => {
    const { clock, source } = graph();
    const seen: number[] = [];
    let free = (): void => {};
    source.metrics().sink((rows) => {
      seen.push(rows[0]!.time);
      return new Promise<void>((resolve) => {
        free = resolve;
      });
    });
    await clock.advance('3s');
    free();
    await settle();
    expect(seen).toEqual([2000, 4000]);
  });

  test('ends with its signal and with the graph', async () => {
    const { clock, source } = graph();
    const controller = new AbortController();
    const stopped = source.metrics({ signal: controller.signal });
    const going = source.metrics();
    const readings = [stopped.sinkToList(), going.sinkToList()];
    controller.abort();
    await clock.advance('1s');
    expect(readings.map(({ length }) => length)).toEqual([0, 1]);
    source.dispose();
    await clock.advance('1s');
    expect(going.node.ended).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test('gives a frame', async () => {
    const { clock, source, mapped } = graph();
    mapped.sink(() => {}, { name: 'end' });
    const df = source.metrics().toDataFrame({ schema: schema({ label: utf8, elements: float64 }) });
    const most = df.groupby('label').elements.max();
    const any = source.metrics().toDataFrame().numRows();
    source.emit(1);
    source.emit(2);
    await clock.advance('1s');
    expect(toRows(most.current!)).toEqual([
      { label: 'end', elements: 2 },
      { label: 'map(inc)', elements: 2 },
      { label: 'source', elements: 2 },
    ]);
    expect(any.current).toBe(3);
    for (const live of [df, any]) live.dispose();
  });

  test('counts the rows of batches', async () => {
    const clock = new VirtualClock();
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }), clock });
    const sum = df.x.sum();
    const filtered = df.filter((row) => row.x.gt(1)).sink(() => {});
    const readings = sum.stream.metrics({ clock }).sinkToList();
    df.emit([{ x: 1 }, { x: 2 }, { x: 3 }]);
    df.emit({ x: [4, 5] });
    await clock.advance('1s');
    const rows = new Map(readings[0]!.map(({ kind, rows }) => [kind, rows]));
    expect([rows.get('frame'), rows.get('aggregate'), rows.get('rows')]).toEqual([5, 5, 5]);
    expect(readings[0]!.find(({ kind }) => kind === 'aggregate')!.rowsPerSecond).toBe(5);
    filtered.dispose();
    sum.dispose();
  });

  test('refuses an interval that is none', () => {
    const { source } = graph();
    expect(() => source.metrics({ interval: '0s' })).toThrow(
      "interval of metrics must be above zero, got '0s'",
    );
    expect(() => source.metrics({ interval: 5 as never })).toThrow('interval of metrics must be a string');
  });
});

function clockOf(clock: VirtualClock) {
  return {
    now: () => clock.now(),
    setTimer: (ms: number, task: () => void) => clock.setTimer(ms, task),
  };
}
