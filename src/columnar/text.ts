/** A byte order mark at the start of a value belongs to it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The string of bytes `from … to - 1`. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  // A decoder does not read shared memory.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes.subarray(from, to) : bytes.slice(from, to);
  return decoder.decode(own);
}
