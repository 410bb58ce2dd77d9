import { DataType } from 'apache-arrow';
import type { Lanes } from '../aggregate/aggregation.ts';
import { isWide } from '../columnar/types.ts';
import { GraphError } from '../errors.ts';
import { wordsOf } from '../window/value-window.ts';
import { type AggregateRequest, itemsLabel } from './aggregate-request.ts';
import type { AggregateSpec, SavedAggregate } from './aggregate-state.ts';
import { savedSlot } from './all-time-state.ts';

/**
 * The state of a plain value to start with: a total for `sum`, a number for `count` and `size`, `[total, count]` for `mean`.
 * Only where there is one aggregation over all time, without groups.
 *
 * @throws `bad-option` for another value, and for what can only start with a state.
 */
export function plainStart(request: AggregateRequest, spec: AggregateSpec, start: unknown): SavedAggregate {
  const { items, window, groups } = request;
  const what = itemsLabel(items);
  const item = 'definition' in items || items.length !== 1 ? undefined : items[0];
  const name = item?.definition.name;
  if (item === undefined || window !== undefined || groups !== undefined || !plainNames.has(name!)) {
    throw new GraphError('bad-option', `start of ${what} must be a state that withState gave`);
  }
  const { bound, input } = spec.aggregations[0]!;
  const fields = bound.initial.map((value) => Float64Array.of(value));
  if (name === 'count' || name === 'size') {
    if (!Number.isSafeInteger(start) || (start as number) < 0) throw wrong(what, 'a whole number', start);
    fields[0]![0] = start as number;
    return savedSlot(fields);
  }
  const isPair = Array.isArray(start) && start.length === 2 && Number.isSafeInteger(start[1]);
  if (name === 'mean' && !(isPair && start[1] >= 0)) throw wrong(what, '[total, count]', start);
  const [total, count] = name === 'mean' ? (start as [unknown, number]) : [start, 0];
  const lanes = lanesOfValue(total, spec.inputTypes[input]!);
  if (lanes === undefined) throw wrong(what, name === 'mean' ? '[total, count]' : 'a number', start);
  bound.onNewRow(fields, 0, lanes, 0);
  fields.at(-1)![0] = count;
  return savedSlot(fields);
}

const plainNames: ReadonlySet<string> = new Set(['sum', 'count', 'size', 'mean']);

function lanesOfValue(value: unknown, type: DataType): Lanes | undefined {
  const isWhole = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (isWide(type)) {
    if (!isWhole) return undefined;
    const { high, low } = wordsOf(BigInt(value as number));
    return [Float64Array.of(high), Float64Array.of(low)];
  }
  if (DataType.isFloat(type)) {
    return typeof value === 'number' && !Number.isNaN(value) ? [Float64Array.of(value)] : undefined;
  }
  return isWhole && Number.isSafeInteger(Number(value)) ? [Float64Array.of(Number(value))] : undefined;
}

function wrong(what: string, wanted: string, got: unknown): GraphError {
  const shown = Array.isArray(got) ? `[${got.map(String).join(', ')}]` : String(got);
  return new GraphError('bad-option', `start of ${what} must be ${wanted} or a state, got ${shown}`);
}
