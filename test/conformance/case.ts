/** What all kinds of recorded cases have in common; the rest depends on the kind. */
export interface RecordedCase {
  readonly id: string;
  readonly kind: string;
  readonly streamz_quirk?: string;
  readonly quirk_id?: string;
  readonly build_error?: unknown;
  readonly tolerance?: Tolerance;
  readonly [field: string]: unknown;
}

export interface Tolerance {
  readonly rel: number;
  readonly abs: number;
}

export type Result =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly difference: string }
  /** `reason` names the operation that is not there. */
  | { readonly status: 'skipped'; readonly reason: string };

export type Replay = (recorded: RecordedCase) => Result | Promise<Result>;

/** Thrown by a replayer for an operation that is not there; the case is skipped. */
export class NotBuilt extends Error {}
