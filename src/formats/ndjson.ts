import { ByteQueue } from './ipc-framer.ts';
import { excerpt } from './sniff.ts';

export interface NdjsonOptions {
  /** Most bytes of one line; a longer one is rejected and passed over. Default 16 MiB. */
  maxLineBytes?: number | undefined;
}

/** A line that is no JSON. */
export interface RejectedLine {
  /** Its number, from 0, blank lines counted. */
  readonly line: number;
  readonly reason: string;
  /** Whether it was too long rather than wrong. */
  readonly tooLong: boolean;
}

/** The values of some lines. */
export interface NdjsonLines {
  readonly values: unknown[];
  /** The line each value stood on. */
  readonly lines: number[];
  readonly rejected: RejectedLine[];
}

const newline = 10;

/**
 * Reads newline-delimited JSON that arrives in pieces: a value per line. A piece may end anywhere, inside a
 * character too; lines may end in `\r\n`; blank lines are passed over; the last line needs no newline. A bad line
 * is rejected alone. Keeps the line that is not yet whole.
 */
export class NdjsonDecoder {
  readonly #maxLineBytes: number;
  readonly #strict = new TextDecoder('utf-8', { fatal: true });
  readonly #rest = new ByteQueue();
  #skipping = false;
  #line = 0;

  constructor({ maxLineBytes = 2 ** 24 }: NdjsonOptions = {}) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that are complete with `bytes`. */
  push(bytes: Uint8Array): NdjsonLines {
    const result: NdjsonLines = { values: [], lines: [], rejected: [] };
    let start = 0;
    if (this.#rest.length > 0 || this.#skipping) {
      const end = bytes.indexOf(newline);
      if (end < 0) {
        this.#keep(bytes, result);
        return result;
      }
      this.#keep(bytes.subarray(0, end), result);
      this.#finish(result);
      start = end + 1;
    }
    const last = bytes.lastIndexOf(newline);
    if (last >= start) {
      this.#block(bytes.subarray(start, last), result);
      start = last + 1;
    }
    this.#keep(bytes.subarray(start), result);
    return result;
  }

  /** Says that no more bytes come; gives the last line where it has no newline. */
  end(): NdjsonLines {
    const result: NdjsonLines = { values: [], lines: [], rejected: [] };
    if (this.#rest.length > 0 || this.#skipping) this.#finish(result);
    return result;
  }

  /** Keeps the beginning of a line, unless it is too long. */
  #keep(bytes: Uint8Array, result: NdjsonLines): void {
    if (this.#skipping || bytes.length === 0) return;
    this.#rest.push(bytes);
    if (this.#rest.length <= this.#maxLineBytes) return;
    this.#rest.skip(this.#rest.length);
    this.#skipping = true;
    this.#rejectLong(this.#line, result);
  }

  #finish(result: NdjsonLines): void {
    if (!this.#skipping) this.#one(this.#rest.take(this.#rest.length), result);
    this.#skipping = false;
    this.#line++;
  }

  /** Many whole lines: decoded at once, which is faster than line by line. */
  #block(bytes: Uint8Array, result: NdjsonLines): void {
    let text: string;
    try {
      text = this.#strict.decode(bytes);
    } catch {
      this.#lineByLine(bytes, result);
      return;
    }
    for (const line of text.split('\n')) {
      if (line.length > this.#maxLineBytes) this.#rejectLong(this.#line, result);
      else this.#parse(line, result);
      this.#line++;
    }
  }

  #lineByLine(bytes: Uint8Array, result: NdjsonLines): void {
    let start = 0;
    while (start <= bytes.length) {
      const found = bytes.indexOf(newline, start);
      const end = found < 0 ? bytes.length : found;
      this.#one(bytes.subarray(start, end), result);
      this.#line++;
      start = end + 1;
    }
  }

  #one(bytes: Uint8Array, result: NdjsonLines): void {
    let text: string;
    try {
      text = this.#strict.decode(bytes);
    } catch {
      this.#reject(`not UTF-8: ${excerpt(bytes)}`, result);
      return;
    }
    if (bytes.length > this.#maxLineBytes) this.#rejectLong(this.#line, result);
    else this.#parse(text, result);
  }

  #parse(text: string, result: NdjsonLines): void {
    if (text.trim() === '') return;
    try {
      result.values.push(JSON.parse(text));
      result.lines.push(this.#line);
    } catch {
      const start = text.trim();
      this.#reject(
        `not JSON: ${JSON.stringify(start.length > 80 ? `${start.slice(0, 80)}…` : start)}`,
        result,
      );
    }
  }

  #reject(reason: string, result: NdjsonLines): void {
    result.rejected.push({ line: this.#line, reason, tooLong: false });
  }

  #rejectLong(line: number, result: NdjsonLines): void {
    const reason = `line is longer than ${this.#maxLineBytes} bytes (maxLineBytes)`;
    result.rejected.push({ line, reason, tooLong: true });
  }
}
