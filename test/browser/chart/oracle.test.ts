import { describe, expect, test } from 'vitest';
import type { Chart } from '../../../src/chart/index.ts';
import { FakeFrame } from '../../chart/fake-frame.ts';
import { drawn, nextFrame, place, rowsOf, type SceneItem, scene, show } from './setup.ts';

/**
 * However a chart came to its rows, its picture is that of a new chart that is given these rows at once.
 */

const x = { field: 't' };
const y = { field: 'v' };
const color = { field: 's' };
const specs: Record<string, object> = {
  line: { mark: 'line', encoding: { x, y } },
  'line per colour': { mark: 'line', encoding: { x, y, color } },
  'line with points': { mark: { type: 'line', point: true }, encoding: { x, y, color } },
  area: { mark: 'area', encoding: { x, y } },
  'stacked area': { mark: 'area', encoding: { x, y, color } },
  points: { mark: 'point', encoding: { x, y, color } },
  'stacked bars': { mark: 'bar', encoding: { x: { field: 't', type: 'ordinal' }, y, color } },
  'bars in order of the rows': {
    mark: 'bar',
    encoding: { x: { field: 's', sort: null }, y: { field: 'v', stack: false } },
  },
  'bars of means': { mark: 'bar', encoding: { x: { field: 's' }, y: { field: 'v', aggregate: 'mean' } } },
  'bars sorted by value': {
    mark: 'bar',
    encoding: { y: { field: 's', sort: '-x' }, x: { field: 'v', aggregate: 'sum' } },
  },
  histogram: { mark: 'bar', encoding: { x: { field: 'v', bin: true }, y: { aggregate: 'count' } } },
  'means per second': {
    mark: 'line',
    encoding: { x: { field: 't', timeUnit: 'seconds' }, y: { field: 'v', aggregate: 'mean' } },
  },
  'heat map': {
    mark: 'rect',
    encoding: { x: { field: 't', type: 'ordinal' }, y: { field: 's' }, color: { field: 'v' } },
  },
  panels: { mark: 'line', encoding: { x, y, row: { field: 's' } } },
  concat: {
    hconcat: [
      { mark: 'line', encoding: { x, y } },
      { mark: 'bar', encoding: { x: { field: 's' }, y: { aggregate: 'count' } } },
    ],
  },
  'line and mean': {
    encoding: { y },
    layer: [
      { mark: 'line', encoding: { x, color } },
      { mark: 'rule', encoding: { y: { field: 'v', aggregate: 'mean' } } },
    ],
  },
  calculated: {
    mark: 'point',
    transform: [{ calculate: 'datum.v * 2', as: 'twice' }],
    encoding: { x, y: { field: 'twice', type: 'quantitative' } },
  },
  filtered: { mark: 'point', transform: [{ filter: 'datum.v > 40' }], encoding: { x, y } },
  ranked: {
    mark: 'point',
    transform: [{ window: [{ op: 'rank', as: 'rank' }], sort: [{ field: 'v' }], groupby: ['s'] }],
    encoding: { x: { field: 'rank', type: 'quantitative' }, y },
  },
  joined: {
    mark: 'point',
    transform: [{ joinaggregate: [{ op: 'max', field: 'v', as: 'top' }], groupby: ['s'] }],
    encoding: { x, y: { field: 'top', type: 'quantitative' } },
  },
  imputed: { mark: 'line', encoding: { x, y: { field: 'v', impute: { value: 0 } }, color } },
  folded: {
    mark: 'line',
    transform: [{ fold: ['v', 'w'] }],
    encoding: { x, y: { field: 'value', type: 'quantitative' }, color: { field: 'key', type: 'nominal' } },
  },
};

/** What is seen: the marks of rows with their places and colours, and the labels. Marks that can be in any order are sorted. */
function picture(live: Chart): string[] {
  const round = (value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
  const text = (item: SceneItem): string =>
    JSON.stringify(
      [
        item.x,
        item.y,
        (item as { width?: number }).width,
        (item as { height?: number }).height,
        item.y2,
        item.stroke,
        item.fill,
        item.text,
        item.opacity,
        (item as { defined?: boolean }).defined,
      ].map(round),
    );
  return scene(live)
    .filter((mark) => mark.items !== undefined && mark.marktype !== undefined && mark.marktype !== 'group')
    .filter((mark) => mark.role === 'mark' || mark.role === 'axis-label' || mark.role === 'legend-label')
    .map((mark) => {
      const items = (mark.items ?? []).map(text);
      if (mark.marktype !== 'line' && mark.marktype !== 'area') items.sort();
      return `${mark.role} ${mark.marktype} ${items.join(' ')}`;
    })
    .sort();
}

let seed = 1;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

const t0 = Date.UTC(2026, 10, 20, 9, 30);
let clock = 0;
/** Up to seven rows of one moment each, of one to four series, some missing, some late. */
function someRows() {
  const t: number[] = [];
  const v: (number | null)[] = [];
  const s: string[] = [];
  for (let n = Math.floor(7 * random()); n > 0; n--) {
    clock++;
    for (const name of ['a', 'b', 'c', 'd'].slice(0, 1 + Math.floor(4 * random()))) {
      t.push(t0 + 250 * (random() < 0.1 ? clock - 3.5 : clock));
      v.push(random() < 0.05 ? null : Math.round(1000 * random()) / 10);
      s.push(name);
    }
  }
  return { t, v, s };
}

const fixed = 'width: 480px; height: 240px';

describe('a chart that slid here looks like a new one', () => {
  test.each(Object.keys(specs))('%s', async (name) => {
    const spec = specs[name]!;
    const options = { backlog: 40, onWarning: () => {} };
    const frame = new FakeFrame('append');
    const live = show(frame, name === 'folded' ? withoutW(spec) : spec, options, place(fixed));
    const all = { t: [] as number[], v: [] as (number | null)[], s: [] as string[] };
    for (let step = 0; step < 40; step++) {
      const { t, v, s } = someRows();
      frame.emit(rowsOf(t, v, s));
      all.t.push(...t);
      all.v.push(...v);
      all.s.push(...s);
      if (step === 0) await live.ready;
      await nextFrame();
    }
    await drawn(live);
    const fresh = new FakeFrame('append');
    const other = show(fresh, name === 'folded' ? withoutW(spec) : spec, options, place(fixed));
    fresh.emit(rowsOf(all.t.slice(-40), all.v.slice(-40), all.s.slice(-40)));
    await drawn(other);
    // With the same size of the plot: a chart that slid may have kept more room for labels.
    for (const { view } of [live, other]) {
      if (name === 'panels' || name === 'concat') continue;
      await view!.signal('autosize', { type: 'none' }).width(400).height(160).resize().runAsync();
    }
    expect(picture(live)).toEqual(picture(other));
  });
});

function withoutW(spec: object): object {
  return { ...spec, transform: [{ calculate: '100 - datum.v', as: 'w' }, { fold: ['v', 'w'] }] };
}
