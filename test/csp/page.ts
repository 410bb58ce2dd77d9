// What runs under `script-src 'self'`. Each scenario of the library is a line of `results`.
import { Field, Float64, RecordBatchReader, Schema, Table, tableToIPC } from 'apache-arrow';
import { Batch } from '../../src/columnar/batch.ts';
import type { Column } from '../../src/columnar/column.ts';
import { parseDuration } from '../../src/core/duration.ts';
import type { Metadata } from '../../src/core/metadata.ts';
import { type Flow, Node } from '../../src/core/node.ts';

export interface Report {
  readonly results: Record<string, unknown>;
  /** Text of the error that making code from text gives here, or `'allowed'`. */
  readonly codeFromText: string;
  /** What the policy refused before that was tried. */
  readonly refused: readonly string[];
}

class Double extends Node<number, number> {
  override update(value: number, metadata: Metadata): Flow {
    return this.emit(value * 2, metadata);
  }
}

class Collect extends Node<number, never> {
  readonly values: number[] = [];

  constructor() {
    super();
    this.begin();
  }

  protected override get isEnd(): boolean {
    return true;
  }

  override update(value: number): Flow {
    this.values.push(value);
  }
}

const refused: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => {
  refused.push(`${event.violatedDirective}: ${event.blockedURI}`);
});

const results = {
  duration: String(parseDuration('2h')),
  graph: throughGraph([1, 2, 3]),
  columns: throughColumns(),
};
await nextTask();
const refusedBefore = [...refused];
const report: Report = { results, codeFromText: tryCodeFromText(), refused: refusedBefore };
const output = document.createElement('output');
output.textContent = JSON.stringify(report);
document.body.append(output);

function throughGraph(values: number[]): number[] {
  const double = new Double();
  const collect = new Collect();
  double.connect(collect);
  for (const value of values) void double.update(value, []);
  return collect.values;
}

function throughColumns(): string {
  const type = new Float64();
  const schema = new Schema([new Field('x', type, true)]);
  const values = Float64Array.of(1, 2, 3);
  const column: Column = { kind: 'number', type, length: 3, values, validity: undefined, offset: 0 };
  const bytes = tableToIPC(new Table([new Batch(schema, 3, [column]).toRecordBatch()]));
  const [recordBatch] = RecordBatchReader.from(bytes);
  const read = Batch.of(recordBatch!).column(0);
  return read.kind === 'number' ? read.values.join(' ') : read.kind;
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
