import { MalformedError } from './flatbuffer.ts';

/** Limits of what a stream may declare. Checked before memory is taken. */
export interface IpcLimits {
  /** Most bytes of one message's metadata. Default 16 MiB. */
  maxMetadataBytes?: number | undefined;
  /** Most bytes of one message's body. Default 256 MiB. */
  maxBodyBytes?: number | undefined;
  /** Most rows of one batch. Default 2^28. */
  maxRows?: number | undefined;
  /** Most bytes of a file, which is read whole. Default 256 MiB. */
  maxFileBytes?: number | undefined;
}

/** A declared size is over its limit. */
export class LimitError extends MalformedError {}

/**
 * Bytes that arrive in pieces, taken out in lengths of one's choice. Keeps the pieces as they came; joins
 * only what is taken across their borders.
 */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  /** First byte not yet taken of the first chunk. */
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The first `length` bytes, left in the queue; fewer if there are fewer. */
  peek(length: number): Uint8Array {
    const first = this.#chunks[0];
    if (first !== undefined && first.length - this.#start >= length) {
      return first.subarray(this.#start, this.#start + length);
    }
    const bytes = new Uint8Array(Math.min(length, this.#length));
    let filled = 0;
    for (let k = 0; filled < bytes.length; k++) {
      const piece = this.#chunks[k]!.subarray(k === 0 ? this.#start : 0).subarray(0, bytes.length - filled);
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes;
  }

  /** Takes `length` bytes out, which must be there; a view where they lie in one chunk. */
  take(length: number): Uint8Array {
    const bytes = this.peek(length);
    this.skip(length);
    return bytes;
  }

  skip(length: number): void {
    let rest = length;
    let used = 0;
    while (rest > 0) {
      const left = this.#chunks[used]!.length - this.#start;
      if (left > rest) {
        this.#start += rest;
        break;
      }
      rest -= left;
      this.#start = 0;
      used++;
    }
    this.#chunks.splice(0, used);
    this.#length -= length;
  }
}

const continuation = 0xffffffff;

/**
 * The prefix of a message: length of its metadata and of the prefix itself (old streams have no
 * continuation word). `undefined` while bytes are missing.
 *
 * @throws MalformedError for a length that cannot be, LimitError for one over the limit.
 */
export function readPrefix(
  bytes: Uint8Array,
  maxMetadataBytes: number,
): { size: number; metadataLength: number } | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size = 4;
  let metadataLength = view.getInt32(0, true);
  if (view.getUint32(0, true) === continuation) {
    if (bytes.length < 8) return undefined;
    size = 8;
    metadataLength = view.getInt32(4, true);
  }
  if (metadataLength < 0) throw new MalformedError(`metadata length is ${metadataLength}`);
  if (metadataLength > maxMetadataBytes) {
    throw new LimitError(
      `metadata of ${metadataLength} bytes is over the limit of ${maxMetadataBytes} (maxMetadataBytes)`,
    );
  }
  return { size, metadataLength };
}
