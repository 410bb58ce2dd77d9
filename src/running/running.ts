import type { DataType } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import type { WindowSpec } from '../window/window-spec.ts';

/** The types a running function is bound to. */
export interface RunningTypes {
  readonly args: readonly DataType[];
  /** Of the keys of the groups; none: all rows are one group. */
  readonly by: readonly DataType[];
  /** The window, in the units of its key, for functions that were given one. */
  readonly window?: WindowSpec | undefined;
  /** Of the time key, for functions that go by it: those with the option `byTime`. */
  readonly order?: DataType | undefined;
}

/** The rows of one batch, as evaluated columns of one length. */
export interface RunningInput {
  readonly length: number;
  readonly args: readonly Column[];
  readonly by: readonly Column[];
  /** The key of a window over a range, or the time key of a function that goes by it. */
  readonly order?: Column | undefined;
}

/**
 * What a running function remembers. One row of result for each row taken in.
 */
export interface RunningState {
  /** Takes the rows of a batch in, wholly or, where it throws, not at all. */
  update(input: RunningInput): Column;
  /** Whether `update` could throw on these rows; where that cannot be told, it could. */
  couldFail?(input: RunningInput): boolean;
  /** Plain data, which `structuredClone` takes. */
  save(): unknown;
  /** Goes on from where `save` was. */
  restore(saved: unknown): void;
}

/** A running function that knows its types. */
export interface BoundRunning {
  readonly output: DataType;
  /** Whether an int64 result is a plain number for the user; see `SlotAggregation`. */
  readonly plainNumber?: boolean | undefined;
  /** Whether `update` can throw; then what was computed before it in the batch is taken back. */
  readonly canFail?: boolean | undefined;
  create(): RunningState;
}

/** A function of a row and of rows before it, by the name that expressions know it by. */
export interface RunningDefinition {
  readonly name: string;
  /**
   * @param options what the expression was given, checked by the method that made it.
   * @throws `type-mismatch`, whose text begins with the operation: the caller names the expression.
   */
  bind(types: RunningTypes, options: Readonly<Record<string, unknown>>): BoundRunning;
}
