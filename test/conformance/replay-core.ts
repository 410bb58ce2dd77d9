import type { Metadata } from '../../src/core/metadata.ts';
import { RefCounter } from '../../src/core/metadata.ts';
import { Node } from '../../src/core/node.ts';
import { Stream } from '../../src/stream.ts';
import { NotBuilt, type RecordedCase, type Result } from './case.ts';
import { same, show } from './compare.ts';
import { accumulators, functions } from './functions.ts';
import { replaySource } from './replay-source.ts';

interface Op {
  readonly op: string;
  readonly fn?: string | null;
  readonly args?: readonly unknown[];
  readonly start?: unknown;
  readonly returns_state?: boolean;
  readonly with_state?: boolean;
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
];

/** Replays a case of kind `core`, `core-graph`, `core-meta`, `batch` or `source-text`. */
export async function replay(recorded: RecordedCase): Promise<Result> {
  if (recorded.kind === 'batch') throw new NotBuilt('to_batch');
  if (recorded.kind === 'source-text') return replaySource(recorded);
  const graph = graphOf(recorded);
  for (const node of graph.nodes) requireBuilt(node);

  if (recorded.build_error !== undefined) {
    try {
      build(graph.nodes);
    } catch {
      return { status: 'passed' };
    }
    return { status: 'failed', difference: 'building was expected to fail' };
  }

  const actual = await run(graph);
  const expected = expectedOf(recorded);
  for (const [i, output] of expected.entries()) {
    const difference = differenceOf(actual[i]!, output);
    if (difference !== undefined) return { status: 'failed', difference: `item ${i}: ${difference}` };
  }
  return { status: 'passed' };
}

function expectedOf(recorded: RecordedCase): readonly Output[] {
  if (recorded.reference !== undefined) return recorded.reference as Output[];
  const outputs = recorded.outputs as Output[];
  const quirk = recorded.streamz_quirk ?? '';
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
        ? (id, value, metadata) => [id, value, metadata.map(({ name }) => name)]
        : (id, value) => [id, value],
  };
}

function requireBuilt({ op, with_state }: Op): void {
  if (!builders.has(op)) throw new NotBuilt(op);
  if (with_state === true) throw new NotBuilt(`${op}(with_state)`);
}

const builders = new Map<string, (op: Op, upstreams: Stream<unknown>[]) => Stream<unknown>>([
  [
    'stream',
    (_, upstreams) => {
      const stream = new Stream<unknown>();
      for (const upstream of upstreams) upstream.connect(stream);
      return stream;
    },
  ],
  ['map', (op, [upstream]) => upstream!.map(functionOf(op))],
  ['filter', (op, [upstream]) => upstream!.filter(op.fn === null ? Boolean : functionOf(op))],
  ['accumulate', accumulate],
  ['scan', accumulate],
  ['union', (_, [upstream, ...others]) => upstream!.union(...others)],
]);

function accumulate({ op, fn, start, returns_state }: Op, [upstream]: Stream<unknown>[]): Stream<unknown> {
  const accumulator = accumulators.get(fn!);
  if (accumulator === undefined) throw new NotBuilt(`${op}(${fn})`);
  const options = { ...(start === undefined ? {} : { start }), returnsState: returns_state ?? false };
  return upstream!.accumulate(accumulator as (state: unknown, x: unknown) => unknown, options as object);
}

function functionOf({ op, fn, args = [] }: Op): (x: unknown) => unknown {
  const named = functions.get(fn!);
  if (named === undefined) throw new NotBuilt(`${op}(${fn})`);
  return (x) => named(x as never, ...(args as never[]));
}

function build(nodes: readonly GraphNode[]): Map<string, Stream<unknown>> {
  const streams = new Map<string, Stream<unknown>>();
  for (const node of nodes) {
    const upstreams = (node.from ?? []).map((from) => {
      if (typeof from !== 'string') throw new NotBuilt(`${node.op}(literal)`);
      return streams.get(from)!;
    });
    streams.set(node.id, builders.get(node.op)!(node, upstreams));
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
  else throw new NotBuilt(flush === undefined ? `event ${show(event)}` : 'flush');
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
