import { DataType, Float64 } from 'apache-arrow';
import type { AggregationDefinition, Fields, SlotAggregation } from '../aggregate/aggregation.ts';
import { max } from '../aggregate/max.ts';
import { min } from '../aggregate/min.ts';
import { sum } from '../aggregate/sum.ts';
import { getBit } from '../columnar/bitmap.ts';
import type { Column } from '../columnar/column.ts';
import { columnOfLanes, type Lanes } from '../columnar/lanes.ts';
import { withValidity } from '../columnar/nulls.ts';
import { plainType } from '../columnar/plain-column.ts';
import { isFloat, isSmallInt, isWideInt } from '../columnar/types.ts';
import { commonValidity } from '../columnar/validity.ts';
import { ExpandingState } from './expanding.ts';
import { ExtremeTextState } from './extreme-text.ts';
import { notAvailable } from './refusal.ts';
import { dropsNull } from './row-groups.ts';
import type { RunningDefinition, RunningInput } from './running.ts';
import { WideProductState } from './wide-product.ts';

/** A cumulative form of an aggregation: a row that is missing stays missing, and what came before it is kept. */
function cumulative(name: string, definition: AggregationDefinition): RunningDefinition {
  return {
    name,
    bind({ args, by }, options) {
      const type = args[0]!;
      if (!definition.accepts(type)) throw notAvailable(name, type);
      const aggregation = definition.bind(type, definition.options?.({}) ?? {});
      // Values that are kept as codes need a state of their own.
      if (aggregation.open !== undefined) throw notAvailable(name, type);
      return {
        output: aggregation.output,
        plainNumber: aggregation.plainNumber,
        canFail: aggregation.largestTotal !== undefined,
        create: () => new ExpandingState(aggregation, by, { finish: masked, dropna: dropsNull(options) }),
      };
    },
  };
}

export const cumsum: RunningDefinition = cumulative('cumsum', sum);
export const cummin: RunningDefinition = withTexts(cumulative('cummin', min), 1);
export const cummax: RunningDefinition = withTexts(cumulative('cummax', max), -1);

/** The same of strings. */
function withTexts(definition: RunningDefinition, sign: 1 | -1): RunningDefinition {
  return {
    ...definition,
    bind(types, options) {
      const type = plainType(types.args[0]!);
      if (!DataType.isUtf8(type)) return definition.bind(types, options);
      return { output: type, create: () => new ExtremeTextState(types.by, dropsNull(options), sign) };
    },
  };
}

export const cumprod: RunningDefinition = {
  name: 'cumprod',
  bind({ args, by }, options) {
    const type = args[0]!;
    const dropna = dropsNull(options);
    if (isWideInt(type))
      return { output: type, canFail: true, create: () => new WideProductState(type, by, dropna) };
    if (!isFloat(type) && !isSmallInt(type) && !DataType.isBool(type)) throw notAvailable('cumprod', type);
    return {
      output: product.output,
      create: () => new ExpandingState(product, by, { finish: masked, dropna }),
    };
  },
};

/** The product of the valid values; in floating point, so its error grows with their number. */
const product: SlotAggregation = {
  output: new Float64(),
  initial: [1],
  onNewAll(state, lanes, from, to) {
    for (let i = from; i < to; i++) multiply(state, 0, lanes, i);
  },
  onNew(state, lanes, slotOf, from, to) {
    for (let i = from; i < to; i++) if (slotOf[i]! >= 0) multiply(state, slotOf[i]!, lanes, i);
  },
  onNewRow: multiply,
  merge(into, slot, from, fromSlot) {
    into[0]![slot]! *= from[0]![fromSlot]!;
  },
  result: (state, slots) =>
    columnOfLanes(product.output, [Float64Array.from(slots, (slot) => state[0]![slot]!)]),
};

function multiply(state: Fields, slot: number, lanes: Lanes, row: number): void {
  const v = lanes[0]![row]!;
  if (!Number.isNaN(v)) state[0]![slot]! *= v;
}

/** Null where the input is, NaN where the input is NaN. */
function masked(result: Column, { length, args }: RunningInput): Column {
  const input = args[0]!;
  const validity = commonValidity([result, input], length);
  if (input.kind !== 'number' || result.kind !== 'number' || !isFloat(input.type))
    return validity === undefined ? result : withValidity(result, validity);
  const values = result.values.slice(0, length);
  for (let i = 0; i < length; i++) {
    const isValid = input.validity === undefined || getBit(input.validity, input.offset + i);
    if (isValid && Number.isNaN(input.values[i])) values[i] = Number.NaN;
  }
  return { ...result, values, validity: commonValidity([input], length), offset: 0 };
}
