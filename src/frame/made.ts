import type { RunningValue } from '../expr/tree.ts';
import type { Scope } from './aggregate-request.ts';
import type { FrameState } from './state.ts';

/** Numbers what something was made of. */
export interface PlanWriter {
  frame(frame: FrameState): number;
  value(value: RunningValue): number;
}

/** What a plan says of how something was made: the operation, numbers of what it was made of, and plain data. */
export type Made = (writer: PlanWriter) => Readonly<Record<string, unknown>> & { readonly op: string };

/** The rows that something was made of. */
export function madeOf(writer: PlanWriter, { frame, window, perKey, groups, state }: Scope): object {
  return {
    of: writer.frame(frame),
    window,
    perKey,
    groups,
    start: state?.start,
    withState: state?.withState,
  };
}
