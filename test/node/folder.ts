import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { settle, type VirtualClock } from '../../src/testing/index.ts';

/** An empty folder for one test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Lets a polling source look once more, and waits until it waits for its next look. */
export async function lookOnce(clock: VirtualClock, interval = '100ms'): Promise<void> {
  await looked(clock);
  await clock.advance(interval);
  await looked(clock);
}

/** Waits until the look that is on, the first one too, is over. */
export async function looked(clock: VirtualClock): Promise<void> {
  while (clock.timers === 0) await settle();
}
