import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromTextFile } from '../../src/node/from-text-file.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { NotBuilt, type RecordedCase, type Result } from './case.ts';
import { same, show } from './compare.ts';

/** Replays a case of kind `source-text`: what comes out of a real file that grows by one chunk between two looks. */
export async function replaySource(recorded: RecordedCase): Promise<Result> {
  const { op, delimiter } = recorded.op as { op: string; delimiter: string };
  if (op !== 'from_textfile') throw new NotBuilt(op);
  const { chunks } = recorded.input as { chunks: string[] };
  const outputs = recorded.outputs as { emits: unknown[] }[];
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-'));
  const path = join(folder, 'lines');
  await writeFile(path, '');
  const clock = new VirtualClock();
  const source = fromTextFile(path, { delimiter, clock, pollInterval: '100ms' });
  const lines = source.sinkToList();
  /** A look is over when the next one is being waited for. */
  const looked = async (): Promise<void> => {
    while (clock.timers === 0) await settle();
  };
  try {
    await looked();
    for (const [i, chunk] of chunks.entries()) {
      lines.length = 0;
      await appendFile(path, chunk);
      await clock.advance('100ms');
      await looked();
      const { emits } = outputs[i]!;
      if (!same(lines, emits)) {
        const difference = `chunk ${i}: emitted ${show(lines)}, not ${show(emits)}`;
        return { status: 'failed', difference };
      }
    }
    return { status: 'passed' };
  } finally {
    source.dispose();
    await source.done;
    await rm(folder, { recursive: true, force: true });
  }
}
