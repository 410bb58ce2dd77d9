import fc from 'fast-check';
import type { Column } from '../../src/columnar/column.ts';
import { slice } from '../../src/columnar/take.ts';
import { valuesOf } from '../../src/columnar/value.ts';
import { runningFunctions } from '../../src/running/index.ts';
import type { BoundRunning, RunningInput } from '../../src/running/running.ts';

/** What a running function is given, row by row. */
export interface Given {
  readonly fn: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly args: readonly Column[];
  readonly by?: readonly Column[];
  readonly order?: Column;
}

/** Lengths of batches, with empty ones and ones of one row. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.oneof(fc.constantFrom(0, 1), fc.nat(12)), {
  maxLength: 12,
});

export function boundOf({ fn, options = {}, args, by = [], order }: Given): BoundRunning {
  const types = { args: args.map(({ type }) => type), by: by.map(({ type }) => type), order: order?.type };
  return runningFunctions.get(fn)!.bind(types, options);
}

/** The rows in batches of those lengths, and a last one. */
export function batchesOf(
  { args, by = [], order }: Given,
  length: number,
  lengths: readonly number[],
): RunningInput[] {
  const inputs: RunningInput[] = [];
  let from = 0;
  for (const size of [...lengths, length]) {
    const to = Math.min(length, from + size);
    const part = (column: Column): Column => slice(column, from, to);
    inputs.push({ length: to - from, args: args.map(part), by: by.map(part), order: order && part(order) });
    from = to;
  }
  return inputs;
}

/** The results row by row; the state is saved, cloned and given to another one before batch number `handOver`. */
export function results(given: Given, length: number, lengths: readonly number[], handOver = -1): unknown[] {
  const bound = boundOf(given);
  let state = bound.create();
  const out: unknown[] = [];
  for (const [i, input] of batchesOf(given, length, lengths).entries()) {
    if (i === handOver) {
      const saved = structuredClone(state.save());
      state = bound.create();
      state.restore(saved);
    }
    const column = state.update(input);
    out.push(...valuesOf(column).map(plain));
  }
  return out;
}

/** Values of Arrow as plain ones. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { numChildren, toJSON } = value as { numChildren?: number; toJSON(): object };
  return numChildren === undefined ? toJSON.call(value) : [...(value as Iterable<unknown>)].map(plain);
}

/** The rows of each group by number; those whose key is `null` are in none. */
export function rowsBefore(keys: readonly unknown[] | undefined, row: number): number[] {
  if (keys === undefined) return Array.from({ length: row + 1 }, (_, i) => i);
  if (keys[row] === null) return [];
  return keys.flatMap((key, i) => (i <= row && key === keys[row] ? [i] : []));
}
