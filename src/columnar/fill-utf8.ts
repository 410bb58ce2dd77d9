import { type Reject, show, type Values } from './fill.ts';

const encoder = new TextEncoder();

/** Strings as Arrow keeps them. */
export interface Utf8Values {
  readonly valueOffsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * The strings of `values` as one run of UTF-8; null is the empty string. A lone surrogate becomes U+FFFD.
 * The buffer grows by doubling and is cut, not copied, at the end.
 */
export function encodeStrings(values: Values, reject: Reject): Utf8Values {
  const { length } = values;
  const valueOffsets = new Int32Array(length + 1);
  let bytes = new Uint8Array(Math.max(64, length * 12));
  let end = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (typeof value === 'string') {
      const most = end + value.length * 3;
      if (most > bytes.length) bytes = grown(bytes, end, most);
      const size = value.length;
      let at = 0;
      // Short ASCII is the common case, and cheaper here than a call into the platform.
      if (size <= 24) {
        for (; at < size; at++) {
          const code = value.charCodeAt(at);
          if (code > 127) break;
          bytes[end + at] = code;
        }
      }
      end += at === size ? size : encoder.encodeInto(value, bytes.subarray(end)).written;
    } else if (value !== undefined && value !== null) reject(i, `expected utf8, got ${show(value)}`);
    valueOffsets[i + 1] = end;
  }
  return { valueOffsets, bytes: bytes.subarray(0, end) };
}

function grown(bytes: Uint8Array, end: number, atLeast: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(bytes.length * 2, atLeast));
  larger.set(bytes.subarray(0, end));
  return larger;
}
