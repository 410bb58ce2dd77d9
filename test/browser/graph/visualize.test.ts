import { afterEach, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { float64, type Stream as Graph, Stream, StreamingDataFrame, schema } from '../../../src/index.ts';
import { VirtualClock } from '../../../src/testing/index.ts';

const inc = (x: number): number => x + 1;
const dec = (x: number): number => x - 1;
function log(): void {}

afterEach(() => {
  document.body.replaceChildren();
  document.body.removeAttribute('style');
});

/** The picture once it is drawn, in the page. */
async function drawn(svg: SVGSVGElement): Promise<SVGSVGElement> {
  if (!svg.isConnected) document.body.append(svg);
  await expect.poll(() => svg.hasAttribute('aria-busy'), { timeout: 20_000 }).toBe(false);
  return svg;
}

const names = (svg: SVGSVGElement) =>
  [...svg.querySelectorAll('.millrace-node')].map((node) => node.querySelector('text')!.textContent);
const boxOf = (svg: SVGSVGElement, name: string) =>
  [...svg.querySelectorAll('.millrace-node')]
    .find((node) => node.querySelector('text')!.textContent === name)!
    .querySelector('rect')!
    .getBBox();
const figures = (svg: SVGSVGElement) =>
  [...svg.querySelectorAll('.millrace-node')].map((node) =>
    [...node.querySelectorAll('text')].slice(-2).map((text) => text.textContent),
  );

function branches(clock?: VirtualClock): { source: Graph<number>; a: Graph<number>; b: Graph<number> } {
  const source = new Stream<number>(clock === undefined ? {} : { clock });
  const a = source.map(inc);
  const b = source.map(dec);
  a.sink(log);
  b.sink(log);
  return { source, a, b };
}

describe('visualize', () => {
  test('D5-05: gives an element at once, in which branches and arrows are drawn', async () => {
    const { source, b } = branches();
    const svg = b.visualize({ rankdir: 'LR' });
    document.body.append(svg);
    expect(svg).toBeInstanceOf(SVGSVGElement);
    await drawn(svg);
    expect(names(svg)).toEqual(['stream', 'map(inc)', 'sink(log)', 'map(dec)', 'sink(log)']);
    expect(svg.querySelectorAll('.millrace-edge')).toHaveLength(4);
    const [left, middle] = [boxOf(svg, 'stream'), boxOf(svg, 'map(dec)')];
    expect(left.x + left.width).toBeLessThan(middle.x);
    expect(boxOf(svg, 'map(inc)').y).toBeLessThan(middle.y);
    expect(source.toDot()).toContain('n0 -> n3 [label="1"]');
  });

  test('runs from top to bottom where asked to', async () => {
    const { b } = branches();
    const svg = await drawn(b.visualize({ rankdir: 'TB' }));
    const [upper, lower] = [boxOf(svg, 'stream'), boxOf(svg, 'map(dec)')];
    expect(upper.y + upper.height).toBeLessThan(lower.y);
  });

  test('chooses the direction that fits, and is never wider than its place', async () => {
    const chain = (): Graph<number> => {
      let stream: Graph<number> = new Stream<number>();
      for (let i = 0; i < 8; i++) stream = stream.map(inc);
      stream.sink(() => {});
      return stream;
    };
    const place = document.createElement('div');
    place.style.width = '360px';
    document.body.append(place);
    const svg = chain().visualize();
    place.append(svg);
    await drawn(svg);
    const box = svg.getBoundingClientRect();
    expect(box.height).toBeGreaterThan(box.width);
    const wide = chain().visualize({ rankdir: 'LR' });
    place.append(wide);
    await drawn(wide);
    expect(wide.getBoundingClientRect().width).toBe(360);
    const ratio = wide.viewBox.baseVal.width / wide.viewBox.baseVal.height;
    expect(wide.getBoundingClientRect().height).toBeCloseTo(360 / ratio, 0);
  });

  test('marks loops and what nothing needs', async () => {
    const urls = new Stream<string>({ name: 'urls' });
    const links = urls.map((url) => url, { name: 'links' });
    links.connect(urls);
    const svg = await drawn(links.visualize());
    const dashed = [...svg.querySelectorAll('.millrace-edge')].filter((edge) =>
      edge.querySelector('[stroke-dasharray]'),
    );
    expect(dashed.map((edge) => edge.querySelector('title')!.textContent)).toEqual([
      'links to urls, back up',
    ]);
    expect(svg.querySelectorAll('rect[stroke-dasharray]')).toHaveLength(2);
    const { width, height } = svg.viewBox.baseVal;
    const ink = svg.getBBox();
    expect([ink.x, ink.y].every((least) => least >= 0)).toBe(true);
    expect([ink.x + ink.width <= width, ink.y + ink.height <= height]).toEqual([true, true]);
  });

  test('has a title for the graph, each node and each arrow, and takes the colour around it', async () => {
    document.body.style.color = 'rgb(1, 2, 3)';
    const source = new Stream<number>({ name: `<b>"${'x'.repeat(60)}"</b>` });
    source.map(inc, { name: 'more' }).sink(() => {}, { name: 'end' });
    const svg = await drawn(source.visualize());
    expect([...svg.querySelectorAll('title')].map(({ textContent }) => textContent)).toEqual([
      'graph of 3 nodes, 2 connections',
      `<b>"${'x'.repeat(60)}"</b> to more`,
      'more to end',
      `<b>"${'x'.repeat(60)}"</b>, stream`,
      'more, map',
      'end, sink',
    ]);
    expect(names(svg)[0]).toMatch(/^<b>"x{35}…$/);
    expect(getComputedStyle(svg.querySelector('text')!).fill).toBe('rgb(1, 2, 3)');
    expect(getComputedStyle(svg.querySelector('rect')!).stroke).toBe('rgb(1, 2, 3)');
  });

  test('draws the graph of a frame', async () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const sum = df.x.sum();
    expect(names(await drawn(sum.visualize()))).toContain('sum(x)');
    expect(names(await drawn(df.visualize()))).toContain('sum(x)');
    sum.dispose();
  });
});

describe('a live picture', () => {
  /** A live picture whose first figures are due one second from now. */
  async function live(options: { signal?: AbortSignal } = {}) {
    const clock = new VirtualClock();
    const graph = branches(clock);
    const svg = await drawn(graph.b.visualize({ live: '1s', ...options }));
    await clock.advance('0s');
    return { ...graph, clock, svg };
  }

  test('shows elements per second, waiting elements and errors of each node', async () => {
    const { source, a, clock, svg } = await live();
    expect(figures(svg)[0]).toEqual(['–', '']);
    a.sink(() => {
      throw new Error('no');
    });
    for (let i = 0; i < 1500; i++) expect(() => source.emit(i)).toThrow('no');
    await clock.advance('1s');
    expect(figures(svg)).toEqual([
      ['1.5k/s', ''],
      ['1.5k/s', ''],
      ['1.5k/s', ''],
      ['0/s', ''],
      ['1.5k/s', ''],
      ['1.5k/s', ''],
    ]);
    expect(() => source.emit(1)).toThrow('no');
    await clock.advance('2s');
    expect(figures(svg)[3]).toEqual(['0/s', '1 error']);
  });

  test('ends, and counting with it, when the element leaves the page', async () => {
    const { source, clock, svg } = await live();
    source.emit(1);
    await clock.advance('1s');
    expect(figures(svg)[0]).toEqual(['1/s', '']);
    svg.remove();
    await clock.advance('1s');
    expect(clock.timers).toBe(0);
    expect(isMetered(source)).toBe(false);
  });

  test('ends with its signal', async () => {
    const controller = new AbortController();
    const { source, clock } = await live({ signal: controller.signal });
    expect(isMetered(source)).toBe(true);
    controller.abort();
    expect(clock.timers).toBe(0);
    expect(isMetered(source)).toBe(false);
  });

  test('counts nothing until the element is in the page', async () => {
    const clock = new VirtualClock();
    const { b, source } = branches(clock);
    const svg = b.visualize({ live: '1s' });
    await expect.poll(() => clock.timers).toBe(1);
    await clock.advance('5s');
    expect(isMetered(source)).toBe(false);
    document.body.append(svg);
    await clock.advance('1s');
    expect(isMetered(source)).toBe(true);
    svg.remove();
    await clock.advance('1s');
    expect(clock.timers).toBe(0);
  });

  test('does not keep an element that was never put into the page', async () => {
    const clock = new VirtualClock();
    const { b, source } = branches(clock);
    b.visualize({ live: '1s' });
    await expect.poll(() => clock.timers).toBe(1);
    const session = cdp() as unknown as { send(method: string): Promise<unknown> };
    const forgotten = async () => {
      await session.send('HeapProfiler.collectGarbage');
      await clock.advance('1s');
      return clock.timers;
    };
    await expect.poll(forgotten).toBe(0);
    expect(isMetered(source)).toBe(false);
  });

  test('draws nodes that come later', async () => {
    const { a, clock, svg } = await live();
    a.filter(Boolean).sink(() => {}, { name: 'late' });
    await clock.advance('1s');
    expect(names(svg)).toContain('late');
    expect(svg.querySelectorAll('.millrace-edge')).toHaveLength(6);
  });
});

/** Whether somebody counts what a node does: a meter that is asked for then has counts already. */
function isMetered({ node }: Graph<number>): boolean {
  const meter = node.meter();
  meter.emitted++;
  node.unmeter();
  const again = node.meter();
  node.unmeter();
  return again.emitted > 0;
}
