import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { settle } from '../../src/testing/virtual-clock.ts';

setFlagsFromString('--expose-gc');
export const collect: () => void = runInNewContext('gc');

/** Collects garbage until `gone`, or until it has had every chance to go. */
export async function collectedUntil(gone: () => boolean): Promise<boolean> {
  for (let round = 0; round < 20 && !gone(); round++) {
    await settle();
    collect();
  }
  return gone();
}
