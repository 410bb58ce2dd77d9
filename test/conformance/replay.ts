import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotBuilt, type RecordedCase, type Replay, type Result } from './case.ts';
import { replay as replayCore } from './replay-core.ts';
import { replay as replayDataframe } from './replay-dataframe.ts';

const replayers = new Map<string, Replay>([
  ['core', replayCore],
  ['core-graph', replayCore],
  ['core-meta', replayCore],
  ['batch', replayCore],
  ['source-text', replayCore],
  ['dataframe', replayDataframe],
]);

/** All cases of the `*.json` files under `directory`, in order of their paths. */
export function casesUnder(directory: string): RecordedCase[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();
  return files.flatMap((name) => {
    const { format, cases } = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    if (format !== 1 || !Array.isArray(cases)) throw new Error(`${name} does not hold recorded cases`);
    return cases;
  });
}

/** Replays one case. Whatever a replayer throws is a failure of that case. */
export async function replay(recorded: RecordedCase): Promise<Result> {
  const replayer = replayers.get(recorded.kind);
  if (replayer === undefined) return { status: 'skipped', reason: `kind ${recorded.kind}` };
  try {
    return await replayer(recorded);
  } catch (error) {
    if (error instanceof NotBuilt) return { status: 'skipped', reason: error.message };
    return {
      status: 'failed',
      difference: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

/** Replays all cases under `directory`, writes what failed and what was skipped, and gives the exit status. */
export async function replayAll(directory: string, write: (line: string) => void): Promise<number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const byKind = new Map<string, typeof counts>();
  const missing = new Map<string, number>();
  for (const recorded of casesUnder(directory)) {
    const result = await replay(recorded);
    counts[result.status]++;
    const ofKind = byKind.get(recorded.kind) ?? { passed: 0, failed: 0, skipped: 0 };
    byKind.set(recorded.kind, ofKind);
    ofKind[result.status]++;
    if (result.status === 'failed') write(`failed ${recorded.id}: ${result.difference}`);
    if (result.status === 'skipped') missing.set(result.reason, (missing.get(result.reason) ?? 0) + 1);
  }
  for (const [reason, count] of [...missing].sort(([a], [b]) => (a < b ? -1 : 1))) {
    write(`skipped ${count}: ${reason} is not there yet`);
  }
  for (const [kind, of] of byKind) {
    write(`${kind}: ${of.passed} passed, ${of.failed} failed, ${of.skipped} skipped`);
  }
  const { passed, failed, skipped } = counts;
  const none = passed + failed + skipped === 0;
  if (none) write(`no cases under ${directory}`);
  write(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || none ? 1 : 0;
}
