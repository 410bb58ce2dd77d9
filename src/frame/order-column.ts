import type { DataType, Schema } from 'apache-arrow';
import type { Column } from '../columnar/column.ts';
import { noSuchColumn } from '../expr/bound.ts';
import type { FrameState } from './state.ts';
import { type BoundSteps, nameAfter, type View } from './steps.ts';
import { type ValueWindow, windowKey } from './window-request.ts';

/** The column that says where on an axis the rows of a frame lie. */
export interface OrderColumn {
  /** As the user knows it. */
  readonly name: string;
  readonly type: DataType;
  readonly column: (view: View) => Column;
  /** Whether it is the time key, and no column of the frame any more: it stays in reach, as an index does. */
  readonly isDropped: boolean;
}

/** The time key of a frame; `undefined` where none was declared. `schema` is that of what the steps are bound to. */
export function timeColumn(frame: FrameState, steps: BoundSteps, schema: Schema): OrderColumn | undefined {
  const { time } = frame.base;
  if (time === undefined) return undefined;
  const called = nameAfter(frame.rest, time);
  const now = steps.fields.find((field) => field.name === called);
  if (now !== undefined) {
    return { name: now.name, type: now.type, column: (view) => view.column(now.name), isDropped: false };
  }
  const before = schema.fields.find((field) => field.name === time);
  if (before === undefined) throw missing(frame.time!, steps);
  const column = (view: View): Column => view.original(time);
  return { name: frame.time!, type: before.type, column, isDropped: true };
}

/**
 * The key of a window over a range.
 *
 * @throws `bad-option` where there is none, `no-such-column`.
 */
export function windowColumn(
  window: ValueWindow,
  frame: FrameState,
  steps: BoundSteps,
  schema: Schema,
): OrderColumn {
  const name = windowKey(window, frame.time);
  if (window.on === undefined) return timeColumn(frame, steps, schema)!;
  const now = steps.fields.find((field) => field.name === name);
  if (now === undefined) throw missing(name, steps);
  return { name, type: now.type, column: (view) => view.column(name), isDropped: false };
}

function missing(name: string, { fields }: BoundSteps): Error {
  return noSuchColumn(
    name,
    fields.map((field) => field.name),
  );
}
