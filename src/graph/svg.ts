import { Graph } from '../core/graph.ts';
import type { Node } from '../core/node.ts';
import { quietly } from '../core/report.ts';
import { descriptionOf, type GraphDescription, type GraphNode } from './describe.ts';
import { GraphObserver, type NodeMetrics } from './observer.ts';
import { captionOf, type Rankdir } from './text.ts';

type Dagre = typeof import('@dagrejs/dagre');

/** Options of `show`, checked. */
export interface ShowOptions {
  readonly rankdir: Rankdir | undefined;
  readonly intervalMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box {
  readonly node: GraphNode;
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Arrow {
  readonly points: readonly Point[];
  /** Where its number is written; nothing where it needs none. */
  readonly order: (Point & { readonly text: string }) | undefined;
  readonly loop: boolean;
  readonly title: string;
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const namespace = 'http://www.w3.org/2000/svg';
const font = 'system-ui, sans-serif';
const nameSize = 13;
const smallSize = 11;
const lineHeight = 16;
const padding = 10;
const margin = 6;
const longestLabel = 40;
/** Room for figures such as `99k waiting · 99 errors`. */
const figuresWidth = 132;

/** Draws the graph of `start` into `svg` and keeps the figures in it new, as `options` say. */
export function show(
  svg: SVGSVGElement,
  start: Node<never, unknown>,
  dagre: Dagre,
  { rankdir, intervalMs, signal }: ShowOptions,
): void {
  const isLive = intervalMs !== undefined;
  const picture = new Picture(svg, dagre, rankdir, isLive);
  picture.draw(new Graph(start).nodes);
  if (isLive && signal?.aborted !== true) keepNew(new WeakRef(svg), picture, start, intervalMs, signal);
}

/**
 * Reads figures while the element is in the document. Until it is put there nothing is counted, and an element that
 * the program has forgotten is not kept.
 */
function keepNew(
  element: WeakRef<SVGSVGElement>,
  picture: Picture,
  start: Node<never, unknown>,
  intervalMs: number,
  signal: AbortSignal | undefined,
): void {
  const { clock } = start;
  const pictures = new WeakMap([[element.deref()!, picture]]);
  let observer: GraphObserver | undefined;
  const stop = (): void => {
    timer.cancel();
    signal?.removeEventListener('abort', stop);
    observer?.stop();
  };
  const tick = (): void => {
    const svg = element.deref();
    if (svg === undefined || (observer !== undefined && !svg.isConnected)) {
      stop();
      return;
    }
    timer = clock.setTimer(intervalMs, tick);
    if (!svg.isConnected) return;
    if (observer === undefined) observer = new GraphObserver(start, clock);
    else quietly(() => pictures.get(svg)!.update(observer!.look()));
  };
  let timer = clock.setTimer(0, tick);
  signal?.addEventListener('abort', stop, { once: true });
}

/** What is drawn in an element now. */
class Picture {
  readonly #svg: SVGSVGElement;
  readonly #dagre: Dagre;
  readonly #rankdir: Rankdir | undefined;
  readonly #isLive: boolean;
  /** What was drawn, to notice that the graph has become another. */
  #drawn = '';
  #figures = new Map<Node<never, unknown>, readonly SVGTextElement[]>();

  constructor(svg: SVGSVGElement, dagre: Dagre, rankdir: Rankdir | undefined, isLive: boolean) {
    this.#svg = svg;
    this.#dagre = dagre;
    this.#rankdir = rankdir;
    this.#isLive = isLive;
  }

  update(metrics: ReadonlyMap<Node<never, unknown>, NodeMetrics>): void {
    this.draw([...metrics.keys()]);
    for (const [node, figures] of metrics) {
      const [rate, trouble] = this.#figures.get(node)!;
      rate!.textContent = `${short(figures.elementsPerSecond)}/s`;
      trouble!.textContent = [
        ...(figures.waiting > 0 ? [`${short(figures.waiting)} waiting`] : []),
        ...(figures.errors > 0
          ? [`${short(figures.errors)} ${figures.errors === 1 ? 'error' : 'errors'}`]
          : []),
      ].join(' · ');
      setAll(
        trouble!,
        figures.errors > 0
          ? { fill: 'var(--millrace-alert, #d9534f)', 'fill-opacity': 1 }
          : { fill: 'currentColor', 'fill-opacity': 0.8 },
      );
    }
  }

  /** Draws the graph unless it is drawn already. */
  draw(nodes: readonly Node<never, unknown>[]): void {
    const graph = descriptionOf(nodes);
    const drawn = JSON.stringify([
      graph.nodes.map(({ label, kind, active }) => [label, kind, active]),
      graph.edges,
    ]);
    if (drawn === this.#drawn && nodes.every((node) => this.#figures.has(node))) return;
    this.#drawn = drawn;
    const { width, height, boxes, arrows } = this.#layout(graph);
    const svg = this.#svg;
    setAll(svg, {
      xmlns: namespace,
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'group',
      class: 'millrace-graph',
      'font-family': font,
      'font-size': nameSize,
      fill: 'currentColor',
    });
    svg.style.height = 'auto';
    const title = make(
      'title',
      {},
      `graph of ${counted(nodes.length, 'node')}, ${counted(arrows.length, 'connection')}`,
    );
    this.#figures = new Map();
    const shapes = boxes.map((box, i) => this.#box(box, nodes[i]!));
    svg.replaceChildren(title, ...arrows.map(arrowShape), ...shapes);
    svg.removeAttribute('aria-busy');
  }

  /** The layout asked for, or the one that has to be made smaller the less. */
  #layout(graph: GraphDescription): Layout {
    const layout = (rankdir: Rankdir): Layout => layoutOf(graph, this.#dagre, rankdir, this.#isLive);
    if (this.#rankdir !== undefined) return layout(this.#rankdir);
    const wide = layout('LR');
    const room = this.#svg.parentElement?.clientWidth ?? 0;
    if (room === 0 || wide.width <= room) return wide;
    const tall = layout('TB');
    return tall.width < wide.width ? tall : wide;
  }

  #box({ node, lines, x, y, width, height }: Box, of: Node<never, unknown>): SVGGElement {
    const { label, kind, active, waiting, dropped } = node;
    const isEnd = of.connections.length === 0 || of.downstreams.length === 0;
    const group = make('g', { class: 'millrace-node', role: 'img', 'data-node': node.id });
    const states = [
      ...(active ? [] : ['inactive']),
      ...(waiting > 0 ? [`${waiting} waiting`] : []),
      ...(dropped > 0 ? [`${dropped} dropped`] : []),
    ];
    const frame = make('rect', {
      x: x - width / 2,
      y: y - height / 2,
      width,
      height,
      rx: isEnd ? Math.min(height / 2, 18) : 5,
      'fill-opacity': 0.06,
      stroke: 'currentColor',
      'stroke-opacity': 0.55,
      ...(active ? {} : { 'stroke-dasharray': '2 3' }),
    });
    const texts: SVGTextElement[] = [];
    const top = y - height / 2 + padding + lineHeight / 2;
    const count = lines.length + (this.#isLive ? 2 : 0);
    for (let i = 0; i < count; i++) {
      const isName = i === 0;
      const attributes = {
        x,
        y: top + i * lineHeight,
        'text-anchor': 'middle',
        'dominant-baseline': 'central',
        ...(isName ? { 'font-weight': 600 } : { 'font-size': smallSize, 'fill-opacity': 0.8 }),
      };
      texts.push(make('text', attributes, lines[i] ?? (i === lines.length ? '–' : '')));
    }
    group.append(
      make('title', {}, [captionOf({ ...node, label, kind }).join(', '), ...states].join(', ')),
      frame,
      ...texts,
    );
    this.#figures.set(of, texts.slice(lines.length));
    return group;
  }
}

function layoutOf(graph: GraphDescription, dagre: Dagre, rankdir: Rankdir, isLive: boolean): Layout {
  const laid = new dagre.Graph({ multigraph: true });
  laid.setGraph({ rankdir, nodesep: 24, ranksep: 44, edgesep: 16 });
  const widthOf = measure();
  const captions = new Map(graph.nodes.map((node) => [node.id, captionOf(node).map(cut)]));
  for (const [id, lines] of captions) {
    const widths = lines.map((line, i) => widthOf(line, i === 0));
    const width = Math.max(...widths, isLive ? figuresWidth : 40) + 2 * padding;
    laid.setNode(id, { width, height: (lines.length + (isLive ? 2 : 0)) * lineHeight + 2 * padding });
  }
  const forks = new Set(graph.edges.filter(({ order }) => order > 0).map(({ from }) => from));
  const nameOf = ({ from, order }: GraphDescription['edges'][number]): string => `${from}.${order}`;
  // A loop is laid out as what it goes back along, so that the graph still runs in one direction.
  for (const edge of graph.edges) {
    const [v, w] = edge.loop ? [edge.to, edge.from] : [edge.from, edge.to];
    const label = forks.has(edge.from) ? { width: 10, height: 14, labelpos: 'c' } : {};
    laid.setEdge(v, w, label, nameOf(edge));
  }
  dagre.layout(laid);
  const labels = new Map(graph.nodes.map(({ id, label }) => [id, label]));
  const boxes = graph.nodes.map((node): Box => {
    const { x, y, width, height } = laid.node(node.id) as Point & { width: number; height: number };
    return { node, lines: captions.get(node.id)!, x, y, width, height };
  });
  const arrows = graph.edges.map((edge): Arrow => {
    const { from, to, loop, order } = edge;
    const [v, w] = loop ? [to, from] : [from, to];
    const { points, x, y } = laid.edge(v, w, nameOf(edge)) as { points: Point[]; x?: number; y?: number };
    return {
      points: loop && from !== to ? [...points].reverse() : points,
      order:
        forks.has(from) && x !== undefined && y !== undefined ? { x, y, text: String(order) } : undefined,
      loop,
      title: `${labels.get(from)} to ${labels.get(to)}${loop ? ', back up' : ''}`,
    };
  });
  return placed(boxes, arrows, isUpsideDown(graph, boxes, rankdir), rankdir);
}

/** Whether most connections of a node run against their order, the first of them lowest or rightmost. */
function isUpsideDown({ edges }: GraphDescription, boxes: readonly Box[], rankdir: Rankdir): boolean {
  const places = new Map(boxes.map(({ node, x, y }) => [node.id, rankdir === 'LR' ? y : x]));
  let wrong = 0;
  for (let i = 1; i < edges.length; i++) {
    const [before, edge] = [edges[i - 1]!, edges[i]!];
    if (before.from !== edge.from || before.loop || edge.loop) continue;
    wrong += Math.sign(places.get(before.to)! - places.get(edge.to)!);
  }
  return wrong > 0;
}

/** Moves everything, lines that go around included, into view, and mirrors it where asked to. */
function placed(
  boxes: readonly Box[],
  arrows: readonly Arrow[],
  isMirrored: boolean,
  rankdir: Rankdir,
): Layout {
  const corners = [
    ...boxes.flatMap(({ x, y, width, height }) => [
      { x: x - width / 2, y: y - height / 2 },
      { x: x + width / 2, y: y + height / 2 },
    ]),
    ...arrows.flatMap(({ points }) => points),
  ];
  const limits = (axis: 'x' | 'y'): [number, number] =>
    corners.reduce<[number, number]>(
      ([least, most], point) => [Math.min(least, point[axis]), Math.max(most, point[axis])],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  const [[left, right], [top, bottom]] = [limits('x'), limits('y')];
  const move = <P extends Point>(point: P): P => ({
    ...point,
    x: margin + (isMirrored && rankdir === 'TB' ? right - point.x : point.x - left),
    y: margin + (isMirrored && rankdir === 'LR' ? bottom - point.y : point.y - top),
  });
  return {
    width: Math.ceil(right - left + 2 * margin),
    height: Math.ceil(bottom - top + 2 * margin),
    boxes: boxes.map(move),
    arrows: arrows.map(({ points, order, ...arrow }) => ({
      ...arrow,
      points: points.map(move),
      order: order === undefined ? undefined : move(order),
    })),
  };
}

function arrowShape({ points, order, loop, title }: Arrow): SVGGElement {
  const group = make('g', { class: 'millrace-edge', role: 'img' });
  const line = make('path', {
    d: pathThrough(points),
    fill: 'none',
    stroke: 'currentColor',
    'stroke-opacity': 0.7,
    ...(loop ? { 'stroke-dasharray': '5 4' } : {}),
  });
  const head = make('path', { d: headAt(points), 'fill-opacity': 0.8 });
  group.append(make('title', {}, title), line, head);
  if (order !== undefined) {
    const [start, end] = [points[0]!, points.at(-1)!];
    const isAcross = Math.abs(end.x - start.x) > Math.abs(end.y - start.y) / 2;
    const aside = isAcross ? 7 * Math.sign(Math.round(end.y - start.y)) : 8;
    const text = make('text', {
      x: order.x + aside,
      y: order.y - (aside > 0 ? 8 : 5),
      'font-size': smallSize,
      'text-anchor': 'middle',
      'fill-opacity': 0.8,
    });
    text.textContent = order.text;
    group.append(text);
  }
  return group;
}

/** A line that bends at the points without touching those in between. */
function pathThrough(points: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${round(x)},${round(y)}`;
  const [first, ...rest] = points;
  let path = `M${at(first!)}`;
  for (let i = 0; i < rest.length - 1; i++) {
    const [bend, next] = [rest[i]!, rest[i + 1]!];
    const isLast = i === rest.length - 2;
    path += `Q${at(bend)} ${at(isLast ? next : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 })}`;
  }
  return rest.length === 1 ? `${path}L${at(rest[0]!)}` : path;
}

/** A triangle at the end of the line, along its last piece. */
function headAt(points: readonly Point[]): string {
  const end = points.at(-1)!;
  const before = points.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) > 1) ?? {
    x: end.x - 1,
    y: end.y,
  };
  const length = Math.hypot(end.x - before.x, end.y - before.y);
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const corner = (side: number): string =>
    `${round(end.x - 8 * dx - side * 4 * dy)},${round(end.y - 8 * dy + side * 4 * dx)}`;
  return `M${round(end.x)},${round(end.y)}L${corner(1)}L${corner(-1)}Z`;
}

/** Widths of texts in the font of the picture; a guess where the page has no canvas. */
function measure(): (text: string, isName: boolean) => number {
  const context = document.createElement('canvas').getContext('2d');
  return (text, isName) => {
    const size = isName ? nameSize : smallSize;
    if (context === null) return text.length * size * 0.62;
    context.font = `${isName ? 600 : 400} ${size}px ${font}`;
    return context.measureText(text).width;
  };
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > longestLabel ? `${line.slice(0, longestLabel - 1)}…` : line;
}

/** A number in at most four signs. */
function short(n: number): string {
  if (n >= 1e6) return `${(n / 1e6).toFixed(n < 1e7 ? 1 : 0)}M`;
  if (n >= 1e3) return `${(n / 1e3).toFixed(n < 1e4 ? 1 : 0)}k`;
  return Number.isInteger(n) || n >= 10 ? n.toFixed(0) : n.toFixed(1);
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

function make<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(namespace, name);
  setAll(element, attributes);
  if (text !== undefined) element.textContent = text;
  return element;
}

function setAll(element: SVGElement, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
