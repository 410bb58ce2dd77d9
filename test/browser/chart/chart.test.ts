import { Int64, vectorFromArray } from 'apache-arrow';
import { describe, expect, test, vi } from 'vitest';
import { chart } from '../../../src/chart/index.ts';
import type { MillraceError } from '../../../src/errors.ts';
import { float64, StreamingDataFrame, schema, utf8 } from '../../../src/index.ts';
import { batchOf, FakeFrame } from '../../chart/fake-frame.ts';
import { dataItems, drawn, labels, nextFrame, place, rowsOf, scene, show } from './setup.ts';

const line = { mark: 'line', encoding: { x: { field: 't' }, y: { field: 'v' } } };
const t0 = Date.UTC(2026, 10, 20, 9, 30);
const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => t0 + 1000 * (from + i));

describe('chart of an append frame', () => {
  test('slides: keeps the newest rows of its backlog', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line, { backlog: 5 });
    frame.emit(rowsOf(seconds(0, 4), [1, 2, 3, 4]));
    await drawn(live);
    expect(dataItems(live, 'line').map(({ datum }) => datum!.v)).toEqual([1, 2, 3, 4]);
    const width = dataItems(live, 'line').at(-1)!.x;
    frame.emit(rowsOf(seconds(4, 7), [5, 6, 7]));
    await drawn(live);
    const points = dataItems(live, 'line');
    expect(points.map(({ datum }) => datum!.v)).toEqual([3, 4, 5, 6, 7]);
    expect(points.map(({ x }) => x)).toEqual([0, 1, 2, 3, 4].map((i) => (width! * i) / 4));
    expect(live.counters).toEqual({ updates: 2, drawn: live.counters.drawn, rows: 7 });
  });

  test('keeps the rows of a duration', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line, { backlog: '10s' });
    for (let i = 0; i < 30; i++) frame.emit(rowsOf(seconds(i, i + 1), [i]));
    await drawn(live);
    expect(dataItems(live, 'line').map(({ datum }) => datum!.v)).toEqual([
      20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    ]);
  });

  test('draws late rows at their place', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    frame.emit(rowsOf([t0, t0 + 3000, t0 + 1000], [0, 3, 1]));
    frame.emit(rowsOf([t0 + 2000], [2]));
    await drawn(live);
    expect(dataItems(live, 'line').map(({ datum }) => datum!.v)).toEqual([0, 1, 2, 3]);
  });

  test('draws a line per colour, with its legend', async () => {
    const frame = new FakeFrame('append');
    const spec = { mark: 'line', encoding: { ...line.encoding, color: { field: 's' } } };
    const live = show(frame, spec, { backlog: 6 });
    for (let i = 0; i < 20; i++)
      frame.emit(rowsOf([t0 + i, t0 + i, t0 + i], [i, 10 + i, 20 + i], ['a', 'b', 'c']));
    await drawn(live);
    const lines = scene(live).filter((mark) => mark.role === 'mark' && mark.marktype === 'line');
    expect(lines.map((mark) => mark.items!.map(({ datum }) => [datum!.s, datum!.v]))).toEqual([
      [
        ['a', 18],
        ['a', 19],
      ],
      [
        ['b', 28],
        ['b', 29],
      ],
      [
        ['c', 38],
        ['c', 39],
      ],
    ]);
    expect(new Set(lines.map((mark) => mark.items![0]!.stroke)).size).toBe(3);
    const legend = scene(live)
      .filter((mark) => mark.role === 'legend-label')
      .flatMap((mark) => mark.items!);
    expect(legend.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  test('leaves a gap where a value is missing or infinite', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    frame.emit(rowsOf(seconds(0, 4), [1, null, Number.POSITIVE_INFINITY, 4]));
    await drawn(live);
    const points = dataItems(live, 'line') as { defined?: boolean }[];
    expect(points.map(({ defined }) => defined)).toEqual([true, false, false, true]);
    expect(labels(live)).toContain('4');
  });

  test('writes times in UTC for timestamps', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    frame.emit(rowsOf([t0, t0 + 600_000], [1, 2]));
    await drawn(live);
    expect(labels(live)).toContain('09:35');
  });
});

describe('chart of a series', () => {
  test('draws its values as they come', async () => {
    const df = new StreamingDataFrame({ schema: schema({ v: float64 }) });
    const live = show(df.v, { mark: 'tick', encoding: { x: { field: 'value' } } }, { backlog: 3 });
    await df.emit([{ v: 1 }, { v: 2 }]);
    await df.emit([{ v: 3 }, { v: 4 }]);
    await drawn(live);
    expect(dataItems(live, 'rect').map(({ datum }) => datum!.value)).toEqual([2, 3, 4]);
  });
});

describe('chart of a snapshot frame', () => {
  const bars = { mark: 'bar', encoding: { x: { field: 's' }, y: { field: 'v' } } };

  test('replaces what was drawn', async () => {
    const frame = new FakeFrame('snapshot');
    const live = show(frame, bars);
    frame.emit(rowsOf([1, 2, 3], [10, 20, 30], ['a', 'b', 'c']));
    await drawn(live);
    const heights = () => dataItems(live, 'rect').map(({ datum, y, y2 }) => [datum!.s, datum!.v, y2! > y!]);
    expect(heights()).toEqual([
      ['a', 10, true],
      ['b', 20, true],
      ['c', 30, true],
    ]);
    frame.emit(rowsOf([1, 2], [5, 50], ['b', 'z']));
    await drawn(live);
    expect(heights()).toEqual([
      ['b', 5, true],
      ['z', 50, true],
    ]);
    expect(labels(live)).toEqual(expect.arrayContaining(['b', 'z', '50']));
    expect(labels(live)).not.toContain('a');
  });

  test('takes the place of the chart that was there', async () => {
    const frame = new FakeFrame('snapshot');
    const element = place();
    const before = show(frame, bars, {}, element);
    const live = show(frame, bars, {}, element);
    frame.emit(rowsOf([1], [10], ['a']));
    await drawn(live);
    expect(element.querySelectorAll('canvas')).toHaveLength(1);
    expect(before.counters.updates).toBe(0);
  });

  test('does not draw when nothing has changed', async () => {
    const frame = new FakeFrame('snapshot');
    const live = show(frame, bars);
    frame.emit(rowsOf([1], [10], ['a']));
    await drawn(live);
    const before = live.counters.drawn;
    frame.emit(rowsOf([1], [10], ['a']));
    for (let i = 0; i < 3; i++) await nextFrame();
    expect(live.counters).toEqual({ updates: 2, drawn: before, rows: 2 });
  });

  test('draws the running mean of each group of a frame', async () => {
    const df = new StreamingDataFrame({ schema: schema({ s: utf8, v: float64 }) });
    const live = show(df.groupby('s').v.mean(), bars);
    await df.emit([
      { s: 'b', v: 1 },
      { s: 'a', v: 5 },
    ]);
    await df.emit([{ s: 'b', v: 3 }]);
    await drawn(live);
    expect(dataItems(live, 'rect').map(({ datum }) => [datum!.s, datum!.v])).toEqual([
      ['a', 5],
      ['b', 2],
    ]);
  });

  test('draws a scalar as a table of one row', async () => {
    const df = new StreamingDataFrame({ schema: schema({ v: float64 }) });
    const sum = df.v.sum();
    await df.emit([{ v: 3 }]);
    const live = show(sum, { mark: 'bar', encoding: { y: { field: 'value' } } });
    await drawn(live);
    expect(dataItems(live, 'rect').map(({ datum }) => datum!.value)).toEqual([3]);
    await df.emit([{ v: 4 }]);
    await drawn(live);
    expect(dataItems(live, 'rect').map(({ datum }) => datum!.value)).toEqual([7]);
  });

  test('draws a record as a table of one row', async () => {
    const df = new StreamingDataFrame({ schema: schema({ v: float64 }) });
    const rule = { mark: 'rule', encoding: { y: { field: 'low' }, y2: { field: 'high' } } };
    const live = show(df.v.agg({ low: 'min', high: 'max' }), rule);
    await df.emit([{ v: 3 }, { v: 9 }]);
    await drawn(live);
    expect(dataItems(live, 'rule').map(({ datum }) => [datum!.low, datum!.high])).toEqual([[3, 9]]);
  });
});

describe('what a chart costs', () => {
  test('many batches between two frames are drawn once', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    frame.emit(rowsOf([t0], [0]));
    await drawn(live);
    const before = live.counters.drawn;
    for (let i = 1; i <= 500; i++) frame.emit(rowsOf([t0 + i], [i]));
    await drawn(live);
    expect(live.counters.drawn).toBe(before + 1);
    expect(live.counters.updates).toBe(501);
  });

  test('a hidden page draws nothing, and the newest state once when it is back', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line, { backlog: 3 });
    frame.emit(rowsOf([t0], [0]));
    await drawn(live);
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    document.dispatchEvent(new Event('visibilitychange'));
    const before = live.counters.drawn;
    for (let i = 1; i <= 50; i++) {
      frame.emit(rowsOf([t0 + i], [i]));
      await nextFrame();
    }
    expect(live.counters.drawn).toBe(before);
    hidden.mockRestore();
    document.dispatchEvent(new Event('visibilitychange'));
    await drawn(live);
    expect(live.counters.drawn).toBe(before + 1);
    expect(dataItems(live, 'line').map(({ datum }) => datum!.v)).toEqual([48, 49, 50]);
  });

  test('a chart out of sight draws nothing until it is scrolled to', async () => {
    const spacer = place('height: 5000px');
    const element = place();
    const frame = new FakeFrame('append');
    const live = show(frame, line, {}, element);
    await vi.waitFor(() => expect((live as unknown as { visible: boolean }).visible).toBe(false));
    frame.emit(rowsOf([t0, t0 + 1], [0, 1]));
    await live.ready;
    for (let i = 0; i < 5; i++) await nextFrame();
    expect(live.counters.drawn).toBe(0);
    element.scrollIntoView();
    await drawn(live);
    expect(live.counters.drawn).toBeGreaterThan(0);
    spacer.remove();
    scrollTo(0, 0);
  });

  test('a paused chart keeps its picture and takes rows on', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    frame.emit(rowsOf([t0], [0]));
    await drawn(live);
    live.pause();
    frame.emit(rowsOf([t0 + 1], [1]));
    for (let i = 0; i < 3; i++) await nextFrame();
    expect(dataItems(live, 'line').length).toBe(1);
    live.resume();
    await drawn(live);
    expect(dataItems(live, 'line').length).toBe(2);
  });
});

describe('the picture', () => {
  test.each(['canvas', 'svg'] as const)(
    'has all labels inside, also when they grow (%s)',
    async (renderer) => {
      const frame = new FakeFrame('append');
      const live = show(frame, line, { backlog: 50, renderer });
      for (const scale of [1, 1000, 1e9]) {
        for (let i = 0; i < 20; i++) {
          frame.emit(rowsOf([t0 + scale + i * 700], [scale * i]));
          await nextFrame();
        }
        await drawn(live);
        const [left, top] = live.view!.origin() as unknown as [number, number];
        const texts = scene(live).filter(({ marktype }) => marktype === 'text');
        expect(texts.length).toBeGreaterThan(2);
        for (const { bounds } of texts) {
          expect(bounds.x1 + left).toBeGreaterThanOrEqual(-5);
          expect(bounds.y1 + top).toBeGreaterThanOrEqual(-5);
          expect(bounds.x2 + left).toBeLessThanOrEqual(480);
          expect(bounds.y2 + top).toBeLessThanOrEqual(240);
        }
      }
    },
  );

  test('has the size of its element, and follows it', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const live = show(frame, line, {}, element);
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    const size = () => {
      const { width, height } = element.querySelector('canvas')!.getBoundingClientRect();
      return [width, height];
    };
    expect(size()).toEqual([480, 240]);
    element.style.width = '300px';
    element.style.height = '180px';
    await vi.waitFor(() => expect(size()).toEqual([300, 180]));
  });

  test('has a height of its own where the element has none', async () => {
    const element = place('width: 400px');
    const frame = new FakeFrame('append');
    const live = show(frame, line, {}, element);
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    expect(element.getBoundingClientRect().height).toBe(240);
    for (let i = 0; i < 5; i++) await nextFrame();
    expect(element.getBoundingClientRect().height).toBe(240);
  });

  test('has the colour of the text around it, also when that changes', async () => {
    const element = place();
    element.style.color = 'rgb(10, 20, 30)';
    const frame = new FakeFrame('append');
    const live = show(frame, line, {}, element);
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    const inks = () =>
      new Set(
        scene(live)
          .filter((mark) => mark.role === 'axis-label')
          .flatMap((mark) => mark.items!.map(({ fill }) => fill)),
      );
    expect([...inks()]).toEqual(['rgb(10, 20, 30)']);
    const { view } = live;
    element.style.color = 'rgb(200, 210, 220)';
    await vi.waitFor(() => expect([...inks()]).toEqual(['rgb(200, 210, 220)']));
    expect(live.view).toBe(view);
  });

  test('can be had as an image', async () => {
    const frame = new FakeFrame('append');
    const live = show(frame, line);
    await expect(live.toImage()).rejects.toMatchObject({ code: 'not-available' });
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    expect(await live.toImage()).toMatch(/^data:image\/png/);
  });

  test('is described to those who do not see it', async () => {
    const element = place();
    show(new FakeFrame('append', rowsOf([], []).schema), { ...line, title: 'Load' }, {}, element);
    const picture = element.querySelector('[role="img"]')!;
    expect(picture.getAttribute('aria-label')).toBe('chart: Load');
    expect(element.querySelector('[aria-live]')).toBe(null);
  });

  test('says that it waits for rows', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const live = show(frame, line, {}, element);
    expect(element.innerText.trim()).toBe('waiting for rows');
    frame.emit(rowsOf([], []));
    await live.ready;
    for (let i = 0; i < 3; i++) await nextFrame();
    expect(element.innerText.trim()).toBe('waiting for rows');
    frame.emit(rowsOf([t0], [1]));
    await drawn(live);
    expect(element.innerText.trim()).toBe('');
  });
});

describe('failures', () => {
  test('a wrong field is refused at once where the schema is known', () => {
    const element = place();
    const frame = new FakeFrame('append', rowsOf([], []).schema);
    const spec = { mark: 'line', encoding: { x: { field: 't' }, y: { field: 'w' } } };
    expect(() => chart(element, frame, spec)).toThrow('no column "w" for y among t, v, s');
    expect(element.innerText).toContain('no column "w" for y among t, v, s');
    expect(frame.sinks).toBe(0);
    show(frame, line, {}, element);
    expect(element.innerText.trim()).toBe('waiting for rows');
  });

  test('a wrong field is shown and reported with the first batch otherwise', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const errors: MillraceError[] = [];
    const spec = { mark: 'line', encoding: { x: { field: 't' }, y: { field: 'vv' } } };
    const live = show(frame, spec, { onError: (error) => errors.push(error) }, element);
    frame.emit(rowsOf([t0], [1]));
    frame.emit(rowsOf([t0], [1]));
    await expect(live.ready).rejects.toMatchObject({ code: 'no-such-column' });
    expect(errors.map(({ message }) => message)).toEqual([
      'no column "vv" for y among t, v, s; did you mean "v"?',
    ]);
    expect(element.innerText).toContain('did you mean "v"?');
  });

  test('a specification that does not compile is shown and reported', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const errors: MillraceError[] = [];
    const spec = { ...line, params: [{ name: 'picked', select: { type: 'lasso' } }] };
    const live = show(frame, spec, { onError: (error) => errors.push(error) }, element);
    frame.emit(rowsOf([t0], [1]));
    await expect(live.ready).rejects.toMatchObject({ code: 'chart-failed' });
    expect(errors.length).toBe(1);
    expect(errors[0]!.message).toMatch(/^Vega-Lite cannot draw this specification: /);
    expect(element.innerText.trim()).toBe(errors[0]!.message);
  });

  test('a frame that has been disposed of is refused, and shown', () => {
    const element = place();
    const frame = new StreamingDataFrame();
    frame.dispose();
    expect(() => chart(element, frame, line)).toThrow('disposed of');
    expect(element.innerText).toContain('disposed of');
  });

  test('a bad batch is shown over the last picture, and cleared by the next good one', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const errors: MillraceError[] = [];
    const live = show(frame, line, { onError: (error) => errors.push(error) }, element);
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    frame.emit(rowsOf([t0], [1]).selectAt([0]));
    expect(element.innerText).toContain('the batch has no column "v", only t');
    expect(errors.map(({ code }) => code)).toEqual(['schema-mismatch']);
    expect(dataItems(live, 'line').length).toBe(2);
    frame.emit(rowsOf(seconds(2, 3), [3]));
    await drawn(live);
    expect(element.innerText.trim()).toBe('');
    expect(dataItems(live, 'line').length).toBe(3);
  });

  test('integers beyond 2^53 are drawn, with a warning, once', async () => {
    const frame = new FakeFrame('append');
    const warnings: string[] = [];
    const live = show(
      frame,
      { mark: 'bar', encoding: { y: { field: 'n' } } },
      { onWarning: (text) => warnings.push(text) },
    );
    for (const n of [1n, 2n ** 60n, 2n ** 61n]) frame.emit(batchOf({ n: vectorFromArray([n], new Int64()) }));
    await drawn(live);
    expect(warnings).toEqual(['column "n" has integers beyond 2^53, drawn as the nearest number']);
    expect(dataItems(live, 'rect').map(({ datum }) => datum!.n)).toEqual([1, 2 ** 60, 2 ** 61]);
  });

  test.each([
    [{ backlog: 0 }, /backlog must be a positive number of rows/],
    [{ backlog: 'soon' }, /backlog "soon" is not a duration/],
    [{ maxRows: -1 }, /maxRows/],
  ])('refuses %j', (options, text) => {
    const element = place();
    expect(() => chart(element, new FakeFrame('append'), line, options)).toThrow(text);
    expect(element.childElementCount).toBe(0);
  });

  test('a duration needs a time', async () => {
    const frame = new FakeFrame('append', rowsOf([], []).schema);
    const bars = { mark: 'bar', encoding: { x: { field: 's' }, y: { field: 'v' } } };
    expect(() => chart(place(), frame, bars, { backlog: '5s' })).toThrow(/backlog "5s" needs a time/);
    expect(() => chart(place(), frame, bars, { backlog: '5s', time: 'tt' })).toThrow(
      /no column "tt" for time among t, v, s; did you mean "t"/,
    );
    expect(() => show(frame, bars, { backlog: '5s', time: 't' })).not.toThrow();
  });

  test('an element that is not there is named', () => {
    expect(() => chart('#nowhere', new FakeFrame('append'), line)).toThrow('no element matches "#nowhere"');
    expect(() => chart(null as never, new FakeFrame('append'), line)).toThrow(
      /needs an element or its selector, got null/,
    );
  });
});

describe('the end of a chart', () => {
  test('leaves nothing behind', async () => {
    const element = place();
    const frame = new FakeFrame('append');
    const add = vi.spyOn(EventTarget.prototype, 'addEventListener');
    const remove = vi.spyOn(EventTarget.prototype, 'removeEventListener');
    const live = show(frame, { ...line, mark: 'bar' }, { tooltip: true }, element);
    frame.emit(rowsOf(seconds(0, 2), [1, 2]));
    await drawn(live);
    const outside = (calls: typeof add.mock) =>
      calls.calls
        .filter((_, i) => calls.contexts[i] === document || calls.contexts[i] === window)
        .map(([type]) => type);
    const added = outside(add.mock);
    live.dispose();
    live.dispose();
    expect(outside(remove.mock).sort()).toEqual(added.sort());
    add.mockRestore();
    remove.mockRestore();
    expect(element.childElementCount).toBe(0);
    expect(document.querySelector('.millrace-tooltip')).toBe(null);
    expect(frame.sinks).toBe(0);
    expect(live.view).toBe(undefined);
    frame.emit(rowsOf(seconds(2, 3), [3]));
    expect(live.counters.rows).toBe(2);
  });

  test('may come before it is ready', async () => {
    const element = place();
    const frame = new FakeFrame('append', rowsOf([], []).schema);
    const live = show(frame, line, {}, element);
    live.dispose();
    await live.ready;
    expect(element.childElementCount).toBe(0);
  });

  test('comes with an abort signal', () => {
    const element = place();
    const frame = new FakeFrame('append');
    const abort = new AbortController();
    show(frame, line, { signal: abort.signal }, element);
    expect(frame.sinks).toBe(1);
    abort.abort();
    expect([frame.sinks, element.childElementCount]).toEqual([0, 0]);
    show(frame, line, { signal: abort.signal }, element);
    expect([frame.sinks, element.childElementCount]).toEqual([0, 0]);
  });
});
