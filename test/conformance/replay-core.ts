import { toRows } from '../../src/columnar/rows.ts';
import type { Metadata } from '../../src/core/metadata.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Node } from '../../src/core/node.ts';
import type { StreamingBatch } from '../../src/frame/streaming-batch.ts';
import { type CollectStream, Stream } from '../../src/stream.ts';
import { NotBuilt, type RecordedCase, type Result } from './case.ts';
import { same, show } from './compare.ts';
import { accumulators, functions, splayed } from './functions.ts';
import { replaySource } from './replay-source.ts';

interface Op {
  readonly op: string;
  readonly fn?: string | null;
  readonly args?: readonly unknown[];
  readonly start?: unknown;
  readonly returns_state?: boolean;
  readonly with_state?: boolean;
  readonly end?: number | null;
  readonly step?: number | null;
  readonly n?: number;
  readonly key?: string | { readonly fn: string };
  readonly keep?: 'first' | 'last';
  readonly return_partial?: boolean;
  readonly maxsize?: number | null;
  readonly hashable?: boolean;
  readonly pick?: string | number | readonly (string | number)[];
  readonly emit_on?: string | readonly string[];
}

interface GraphNode extends Op {
  readonly id: string;
  readonly from?: readonly (string | { readonly literal: unknown })[];
}

interface Event {
  readonly emit?: string;
  readonly value?: unknown;
  readonly refs?: readonly string[];
  readonly flush?: string;
  readonly connect?: readonly [string, string];
  readonly disconnect?: readonly [string, string];
  readonly destroy?: string;
}

interface Output {
  readonly emits: readonly unknown[];
  readonly error?: unknown;
  readonly released?: readonly string[];
}

/** Of a case with metadata: each emission has the names of what it carried. */
interface MetaOutput extends Output {
  readonly emits: readonly (readonly [id: string, value: unknown, names: readonly unknown[]])[];
}

interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly observe: readonly string[];
  readonly events: readonly Event[];
  /** What an observer writes down. */
  readonly seen: (id: string, value: unknown, metadata: Metadata) => unknown;
}

/** Questions of design where our answer is not the recorded one. */
const decisions: {
  readonly quirk: RegExp;
  readonly reason: string;
  readonly answer: (recorded: RecordedCase, outputs: readonly Output[]) => readonly Output[];
}[] = [
  {
    quirk: /stops the later siblings/,
    reason: 'one failing branch does not keep an element from the others',
    answer: (recorded) => siblingsGoOn(graphOf(recorded)),
  },
  {
    quirk: /downstream function throws, the references/,
    reason: 'work that has failed is over: its references are released, and onDone is given the error',
    answer: (recorded, outputs) =>
      outputs.map((output, i) =>
        output.error === undefined
          ? output
          : { ...output, released: graphOf(recorded).events[i]!.refs ?? [] },
      ),
  },
  {
    quirk: /^diamond: combine_latest/,
    reason:
      'one element gives one tuple, when it has come by all ways; `consistent: false` gives the others, too',
    answer: (_, outputs) => outputs.map((output) => ({ ...output, emits: output.emits.slice(-1) })),
  },
  {
    quirk: /^partition_unique hands metadata/,
    reason:
      'metadata is flat, and its references are released: of duplicates at once, of the others when they are out',
    answer: (recorded, outputs) => flatAndReleased(graphOf(recorded).events, outputs as MetaOutput[]),
  },
  {
    quirk: /^a cycle: recursion is depth first/,
    reason:
      'a node gives out one element at a time, so that all below it see them in the order in which it had them',
    answer: (recorded, outputs) =>
      outputs.map((output, i) => ({
        ...output,
        emits: ownFirst(output.emits, graphOf(recorded).events[i]!),
      })),
  },
];

/** Replays a case of kind `core`, `core-graph`, `core-meta`, `batch` or `source-text`. */
export async function replay(recorded: RecordedCase): Promise<Result> {
  if (recorded.kind === 'batch') return differenceOfAll(await runBatch(recorded), expectedOf(recorded));
  if (recorded.kind === 'source-text') return replaySource(recorded);
  const graph = graphOf(recorded);
  if (recorded.build_error !== undefined) {
    try {
      build(graph.nodes);
    } catch {
      return { status: 'passed' };
    }
    return { status: 'failed', difference: 'building was expected to fail' };
  }

  return differenceOfAll(await run(graph), expectedOf(recorded));
}

function differenceOfAll(actual: readonly Output[], expected: readonly Output[]): Result {
  for (const [i, output] of expected.entries()) {
    const difference = differenceOf(actual[i]!, output);
    if (difference !== undefined) return { status: 'failed', difference: `item ${i}: ${difference}` };
  }
  return { status: 'passed' };
}

function expectedOf(recorded: RecordedCase): readonly Output[] {
  if (recorded.reference !== undefined) return recorded.reference as Output[];
  const outputs = recorded.outputs as Output[];
  const quirk = recorded.streamz_quirk ?? String(recorded.note ?? '');
  return decisions.find((decision) => decision.quirk.test(quirk))?.answer(recorded, outputs) ?? outputs;
}

/** A linear case is a graph too: a chain with one observer at its end. */
function graphOf(recorded: RecordedCase): Graph {
  if (recorded.kind === 'core') {
    const ops = recorded.pipeline as Op[];
    const { items } = recorded.input as { items: unknown[] };
    return {
      nodes: [
        { id: '0', op: 'stream' },
        ...ops.map((op, i) => ({ ...op, id: String(i + 1), from: [String(i)] })),
      ],
      observe: [String(ops.length)],
      events: items.map((value) => ({ emit: '0', value })),
      seen: (_, value) => value,
    };
  }
  return {
    nodes: recorded.graph as GraphNode[],
    observe: recorded.observe as string[],
    events: (recorded.input as { events: Event[] }).events,
    seen:
      recorded.kind === 'core-meta'
        ? (id, value, metadata) => [id, value, metadata.flatMap(({ name }) => name ?? [])]
        : (id, value) => [id, value],
  };
}

type Builder = (
  op: GraphNode,
  upstream: Stream<unknown>,
  others: readonly unknown[],
  streams: ReadonlyMap<string, Stream<unknown>>,
) => Stream<unknown>;

const builders = new Map<string, Builder>([
  ['map', (op, upstream) => upstream.map(functionOf(op))],
  ['starmap', (op, upstream) => (upstream as Stream<unknown[]>).starmap(splayedOf(op))],
  ['filter', (op, upstream) => upstream.filter(op.fn === null ? Boolean : functionOf(op))],
  ['remove', (op, upstream) => upstream.remove(functionOf(op))],
  ['accumulate', (op, upstream) => upstream.accumulate(...accumulation(op))],
  ['scan', (op, upstream) => upstream.scan(...accumulation(op))],
  ['flatten', (_, upstream) => (upstream as Stream<Iterable<unknown>>).flatten()],
  ['concat', (_, upstream) => (upstream as Stream<Iterable<unknown>>).concat()],
  [
    'slice',
    ({ start, end, step }, upstream) =>
      upstream.slice({
        start: (start as number) ?? undefined,
        end: end ?? undefined,
        step: step ?? undefined,
      }),
  ],
  ['partition', ({ n, key }, upstream) => upstream.partition(n!, { key: keyOf(key) })],
  [
    'partition_unique',
    ({ n, key, keep }, upstream) => upstream.partitionUnique(n!, { key: keyOf(key), keep }),
  ],
  [
    'sliding_window',
    ({ n, return_partial }, upstream) => upstream.slidingWindow(n!, { returnPartial: return_partial }),
  ],
  [
    'unique',
    ({ maxsize, key, hashable }, upstream) =>
      upstream.unique({ maxsize: maxsize ?? undefined, key: keyOf(key), hashable }),
  ],
  ['pluck', ({ pick }, upstream) => upstream.pluck(pick as never)],
  ['frequencies', (_, upstream) => upstream.frequencies()],
  ['collect', (_, upstream) => upstream.collect()],
  ['union', (_, upstream, others) => upstream.union(...(others as Stream<unknown>[]))],
  ['zip', (_, upstream, others) => upstream.zip(...others)],
  [
    'combine_latest',
    ({ emit_on }, upstream, others, streams) => {
      const emitOn = emit_on === undefined ? undefined : [emit_on].flat().map((id) => streams.get(id)!);
      return upstream.combineLatest(...(others as Stream<unknown>[]), { emitOn });
    },
  ],
  ['zip_latest', (_, upstream, others) => upstream.zipLatest(...(others as Stream<unknown>[]))],
]);

type Accumulator = (state: unknown, x: unknown) => unknown;

function accumulation({ op, fn, start, returns_state, with_state }: Op): [fn: Accumulator, options: object] {
  const accumulator = accumulators.get(fn!);
  if (accumulator === undefined) throw new NotBuilt(`${op}(${fn})`);
  const options = { returnsState: returns_state ?? false, withState: with_state ?? false };
  return [accumulator as Accumulator, start === undefined ? options : { ...options, start }];
}

function splayedOf({ op, fn, args = [] }: Op): (...args: unknown[]) => unknown {
  const named = splayed.get(fn!);
  if (named === undefined) throw new NotBuilt(`${op}(${fn})`);
  return (...values) => named(...([...values, ...args] as never[]));
}

function keyOf(key: Op['key']): ((x: unknown) => unknown) | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string') return key as never;
  return functionOf({ op: 'key', fn: key.fn });
}

function functionOf({ op, fn, args = [] }: Op): (x: unknown) => unknown {
  const named = functions.get(fn!);
  if (named === undefined) throw new NotBuilt(`${op}(${fn})`);
  return (x) => named(x as never, ...(args as never[]));
}

function build(nodes: readonly GraphNode[]): Map<string, Stream<unknown>> {
  const streams = new Map<string, Stream<unknown>>();
  for (const node of nodes) {
    const [upstream, ...others] = (node.from ?? []).map((from) =>
      typeof from === 'string' ? streams.get(from)! : from.literal,
    );
    const stream = node.op === 'stream' ? new Stream<unknown>() : undefined;
    const builder = builders.get(node.op);
    if (stream === undefined && builder === undefined) throw new NotBuilt(node.op);
    streams.set(node.id, stream ?? builder!(node, upstream as Stream<unknown>, others, streams));
  }
  return streams;
}

/** Ends a branch and tells of everything that arrives, metadata included. */
class ObserverNode extends Node<unknown, never> {
  readonly #tell: (value: unknown, metadata: Metadata) => void;

  constructor(tell: (value: unknown, metadata: Metadata) => void) {
    super();
    this.#tell = tell;
    this.begin();
  }

  override update(value: unknown, metadata: Metadata): void {
    this.#tell(value, metadata);
  }

  protected override get isEnd(): boolean {
    return true;
  }
}

async function run({ nodes, observe, events, seen }: Graph): Promise<Output[]> {
  const streams = build(nodes);
  let emits: unknown[] = [];
  let released: string[] = [];
  for (const id of observe) {
    streams.get(id)!.through(new ObserverNode((value, metadata) => emits.push(seen(id, value, metadata))));
  }
  const outputs: Output[] = [];
  for (const event of events) {
    emits = [];
    released = [];
    const refs = event.refs ?? [];
    const metadata = refs.map((name) => ({
      name,
      ref: new RefCounter({ onDone: () => released.push(name) }),
    }));
    let error: unknown;
    try {
      await perform(event, streams, metadata);
    } catch (thrown) {
      error = thrown;
    }
    outputs.push({ emits, released, ...(error === undefined ? {} : { error: String(error) }) });
  }
  return outputs;
}

async function perform(
  event: Event,
  streams: Map<string, Stream<unknown>>,
  metadata: Metadata,
): Promise<void> {
  const { emit, value, flush, connect, disconnect, destroy } = event;
  if (emit !== undefined) await streams.get(emit)!.emit(value, { metadata });
  else if (connect !== undefined) streams.get(connect[0])!.connect(streams.get(connect[1])!);
  else if (disconnect !== undefined) streams.get(disconnect[0])!.disconnect(streams.get(disconnect[1])!);
  else if (destroy !== undefined) streams.get(destroy)!.dispose();
  else if (flush !== undefined) await (streams.get(flush) as CollectStream<unknown>).flush();
  else throw new NotBuilt(`event ${show(event)}`);
}

function differenceOf(actual: Output, expected: Output): string | undefined {
  if ((actual.error === undefined) !== (expected.error === undefined)) {
    return expected.error === undefined ? `failed: ${show(actual.error)}` : 'was expected to fail';
  }
  if (!same(actual.emits, expected.emits))
    return `emitted ${show(actual.emits)}, not ${show(expected.emits)}`;
  if (expected.released === undefined) return undefined;
  const [released, wanted] = [actual.released!, expected.released].map((names) => [...new Set(names)].sort());
  return same(released, wanted) ? undefined : `released ${show(released)}, not ${show(wanted)}`;
}

/** What comes out of a graph of maps where each branch gets every element, whatever becomes of the others. */
function siblingsGoOn({ nodes, observe, events, seen }: Graph): Output[] {
  return events.map(({ emit, value }) => {
    const emits: unknown[] = [];
    let failed = false;
    const visit = (id: string, x: unknown): void => {
      for (const node of nodes.filter(({ from }) => from?.includes(id))) {
        let y: unknown;
        try {
          y = functionOf(node)(x);
        } catch {
          failed = true;
          continue;
        }
        visit(node.id, y);
      }
      if (observe.includes(id)) emits.push(seen(id, x, []));
    };
    visit(emit!, value);
    return { emits, ...(failed ? { error: true } : {}) };
  });
}

function flatAndReleased(events: readonly Event[], outputs: readonly MetaOutput[]): Output[] {
  const emitted = (names: readonly unknown[]): string[] => names.flat() as string[];
  const all = outputs.flatMap(({ emits }) => emits.flatMap(([, , names]) => emitted(names)));
  return outputs.map(({ emits }, i) => ({
    emits: emits.map(([id, value, names]) => [id, value, emitted(names)]),
    released: [
      ...(events[i]!.refs ?? []).filter((name) => !all.includes(name)),
      ...emits.flatMap(([, , names]) => emitted(names)),
    ],
  }));
}

/** What was emitted into a loop is seen before what came of it. */
function ownFirst(emits: readonly unknown[], { value }: Event): unknown[] {
  const isOwn = (emit: unknown): boolean => (emit as [string, unknown])[1] === value;
  return [...emits.filter(isOwn), ...emits.filter((emit) => !isOwn(emit))];
}

async function runBatch(recorded: RecordedCase): Promise<Output[]> {
  const source = new Stream<unknown[]>();
  let batches: StreamingBatch<unknown> = source.toBatch();
  let emits: unknown[] = [];
  const tell = (value: unknown): void => void emits.push(value);
  const ends = new Map<string, () => unknown>([
    ['sum', () => (batches as StreamingBatch<number>).sum().sink(tell)],
    ['to_stream', () => batches.toStream().sink(tell)],
    ['to_dataframe', () => batches.toDataFrame().sink((batch) => tell(frameOf(toRows(batch))))],
  ]);
  let ended = false;
  for (const op of recorded.pipeline as Op[]) {
    if (op.op === 'map') batches = batches.map(functionOf(op));
    else if (op.op === 'filter') batches = batches.filter(functionOf(op));
    else if (op.op === 'pluck') batches = batches.pluck(op.pick as never);
    else if (ends.has(op.op)) {
      ends.get(op.op)!();
      ended = true;
    } else throw new NotBuilt(`batch ${op.op}`);
  }
  if (!ended) batches.stream.sink(tell);
  const outputs: Output[] = [];
  for (const item of (recorded.input as { items: unknown[][] }).items) {
    emits = [];
    await source.emit(item);
    outputs.push({ emits });
  }
  return outputs;
}

function frameOf(rows: readonly object[]): unknown {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => [name, rows.map((row) => (row as Record<string, unknown>)[name])]);
  return { t: 'frame', columns: Object.fromEntries(columns) };
}
