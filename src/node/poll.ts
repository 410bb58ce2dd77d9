import { type Duration, durationMs } from '../core/duration.ts';
import { SourceError } from '../errors.ts';

/**
 * Milliseconds between two looks, `'100ms'` unless given.
 *
 * @throws `bad-option` for what is no duration, or none above zero.
 */
export function pollMs(interval: Duration = '100ms'): number {
  const ms = durationMs(interval, 'pollInterval');
  if (!(ms > 0)) throw new SourceError('bad-option', `pollInterval must be above zero, got '${interval}'`);
  return ms;
}
