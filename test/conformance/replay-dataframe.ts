import type { RecordedCase, Result } from './case.ts';

/** Replays a case of kind `dataframe`. */
export function replay(_recorded: RecordedCase): Result {
  return { status: 'skipped', reason: 'dataframe' };
}
