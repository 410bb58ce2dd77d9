import type { Data } from 'apache-arrow';

interface Chunk {
  readonly data: Data;
}

/**
 * How many bytes a value keeps: of record batches and tables the buffers they refer to, without dictionaries, which they
 * share; of buffers and views on them their length; of strings two bytes per character. Nothing for anything else.
 *
 * A slice of a batch counts whole text buffers. O(1) but for batches: O(columns).
 */
export function byteSizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return value.length * 2;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('byteLength' in value && typeof value.byteLength === 'number') return value.byteLength;
  if ('batches' in value && Array.isArray(value.batches)) {
    let total = 0;
    for (const batch of value.batches) total += byteSizeOf(batch) ?? 0;
    return total;
  }
  const { data } = value as Chunk;
  return typeof data?.byteLength === 'number' ? data.byteLength : undefined;
}
