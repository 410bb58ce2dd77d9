import {
  Dictionary,
  Float64,
  Int32,
  type RecordBatch,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { afterEach } from 'vitest';
import {
  type Chart,
  type ChartFrame,
  type ChartOptions,
  type ChartSpec,
  type ChartValues,
  chart,
} from '../../../src/chart/index.ts';
import { batchOf } from '../../chart/fake-frame.ts';

/** What tests ask of a Vega scene. */
export interface SceneItem {
  readonly marktype?: string;
  readonly role?: string;
  readonly items?: SceneItem[];
  readonly bounds: { x1: number; y1: number; x2: number; y2: number };
  readonly x?: number;
  readonly y?: number;
  readonly x2?: number;
  readonly y2?: number;
  readonly text?: unknown;
  readonly stroke?: unknown;
  readonly fill?: unknown;
  readonly opacity?: number;
  readonly datum?: Record<string, unknown>;
}

const charts: Chart[] = [];
const elements: HTMLElement[] = [];

afterEach(() => {
  for (const live of charts.splice(0)) live.dispose();
  for (const element of elements.splice(0)) element.remove();
});

/** An element of the page, 480 by 240 pixels, that goes after the test. */
export function place(style = 'width: 480px; height: 240px'): HTMLElement {
  const element = document.createElement('div');
  element.style.cssText = style;
  document.body.append(element);
  elements.push(element);
  return element;
}

export function show(
  frame: ChartFrame | ChartValues,
  spec: ChartSpec,
  options: ChartOptions = {},
  element = place(),
): Chart {
  const live = chart(element, frame, spec, options);
  charts.push(live);
  return live;
}

const series = new Dictionary(new Utf8(), new Int32());

export function rowsOf(
  t: readonly number[],
  v: readonly (number | null)[],
  s: readonly string[] = t.map(() => 'a'),
): RecordBatch {
  return batchOf({
    t: vectorFromArray(t, new TimestampMillisecond()),
    v: vectorFromArray(v, new Float64()),
    s: vectorFromArray(s, series),
  });
}

/** Waits until the chart has drawn all it was given: until it draws no more. */
export async function drawn(live: Chart): Promise<void> {
  await live.ready;
  for (let still = 0, i = 0; still < 3 && i < 200; i++) {
    const before = live.counters.drawn;
    await nextFrame();
    still = live.counters.drawn > 0 && live.counters.drawn === before ? still + 1 : 0;
  }
}

export async function nextFrame(): Promise<void> {
  await new Promise(requestAnimationFrame);
}

/** All marks of the scene, from the outside in. */
export function scene(live: Chart): SceneItem[] {
  const found: SceneItem[] = [];
  const walk = (item: SceneItem): void => {
    found.push(item);
    for (const child of item.items ?? []) walk(child);
  };
  walk((live.view!.scenegraph() as unknown as { root: SceneItem }).root);
  return found;
}

/** The items of the marks that stand for rows. */
export function dataItems(live: Chart, marktype: string): SceneItem[] {
  return scene(live)
    .filter((mark) => mark.role === 'mark' && mark.marktype === marktype)
    .flatMap((mark) => mark.items ?? []);
}

export function labels(live: Chart): string[] {
  return scene(live)
    .filter((mark) => mark.role === 'axis-label')
    .flatMap((mark) =>
      (mark.items ?? []).filter(({ opacity }) => opacity !== 0).map(({ text }) => String(text)),
    );
}
