// What runs under `script-src 'self'`. Each scenario of the library is a line of `results`.
import { chart } from '../../src/chart/index.ts';
import { float64, fromFetch, Stream, schema, timestamp, toRows, utf8 } from '../../src/index.ts';

export interface Report {
  readonly results: Record<string, unknown>;
  /** Text of the error that making code from text gives here, or `'allowed'`. */
  readonly codeFromText: string;
  /** What the policy refused before that was tried. */
  readonly refused: readonly string[];
}

const refused: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => {
  refused.push(`${event.violatedDirective}: ${event.blockedURI}`);
});

const rows = [
  { t: 0, name: 'Alice', amount: 1 },
  { t: 1000, name: 'Bob', amount: 2 },
  { t: 2000, name: 'Alice', amount: 4 },
];
const columns = schema({ t: timestamp('ms'), name: utf8, amount: float64 });

const results = {
  graph: doubled(),
  filtered: filtered(),
  grouped: grouped(),
  fetched: await fetched(),
  drawn: await drawn(),
  pictured: await pictured(),
};
await nextTask();
const refusedBefore = [...refused];
const report: Report = { results, codeFromText: tryCodeFromText(), refused: refusedBefore };
const output = document.createElement('output');
output.textContent = JSON.stringify(report);
document.body.append(output);

function doubled(): unknown {
  const stream = new Stream<number>();
  const list = stream.map((x) => x * 2).sinkToList();
  for (const x of [1, 2, 3]) void stream.emit(x);
  return list;
}

function filtered(): unknown {
  const stream = new Stream<typeof rows>();
  const df = stream.toDataFrame({ schema: columns });
  const total = df.filter((row) => row.name.eq('Alice').and(row.amount.gt(0))).amount.sum();
  void stream.emit(rows);
  return total.current;
}

function grouped(): unknown {
  const stream = new Stream<typeof rows>();
  const df = stream.toDataFrame({ schema: columns, time: 't' });
  const means = df.window('10s').groupby('name').amount.mean();
  void stream.emit(rows);
  return toRows(means.current!);
}

async function fetched(): Promise<unknown> {
  const source = fromFetch('./rows.ndjson');
  const count = source.toDataFrame().numRows();
  await source.done;
  return count.current;
}

/** Whether a chart comes to have ink. */
async function drawn(): Promise<unknown> {
  const stream = new Stream<typeof rows>();
  const df = stream.toDataFrame({ schema: columns });
  const element = document.createElement('div');
  element.style.width = '300px';
  document.body.append(element);
  const live = chart(element, df.groupby('name').amount.sum(), {
    mark: 'bar',
    height: 100,
    encoding: { x: { field: 'name', type: 'nominal' }, y: { field: 'amount', type: 'quantitative' } },
  });
  await live.ready;
  void stream.emit(rows);
  while (live.counters.drawn === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
  const canvas = element.querySelector('canvas')!;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
}

/** How many nodes the picture of a graph has. */
async function pictured(): Promise<unknown> {
  const stream = new Stream<number>();
  stream.map((x) => x * 2).sink(() => {});
  const svg = stream.visualize();
  document.body.append(svg);
  while (svg.hasAttribute('aria-busy')) await new Promise((resolve) => requestAnimationFrame(resolve));
  return svg.querySelectorAll('rect').length;
}

function tryCodeFromText(): string {
  try {
    return `allowed: ${new Function('return 1')()}`;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** A violation is reported by a task of its own. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
