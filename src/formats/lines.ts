import { MillraceError, quote, SourceError } from '../errors.ts';

/** How text is cut into lines. */
export interface LineOptions {
  /** Name of the encoding, such as `'utf-8'` (default), `'utf-16le'` or `'windows-1252'`. */
  encoding?: string | undefined;
  /** What ends a line; it is not part of it. Default `'\n'`, where `'\r\n'` ends a line, too. */
  delimiter?: string | undefined;
  /** Most characters of one line. Default 16,777,216. */
  maxLineLength?: number | undefined;
}

/**
 * Cuts text that arrives in pieces, as bytes or as strings, into lines. A piece may end anywhere, inside a
 * character or a delimiter too; the last line needs no delimiter; a byte order mark is left out; what is no text in the
 * encoding becomes U+FFFD. Keeps the line that is not yet whole.
 *
 * @throws `bad-option` for an encoding that the platform does not know and an empty delimiter.
 */
export class LineDecoder {
  readonly #decoder: TextDecoder;
  readonly #delimiter: string;
  readonly #maxLength: number;
  /** The line that is not yet whole. */
  #rest = '';
  #lines = 0;
  /** Thrown once the lines before it have been given. */
  #failure: SourceError | undefined;

  constructor({ encoding = 'utf-8', delimiter = '\n', maxLineLength = 2 ** 24 }: LineOptions = {}) {
    if (typeof delimiter !== 'string' || delimiter === '') {
      throw new MillraceError(
        'bad-option',
        `delimiter must be a text of at least one character, got ${delimiter === '' ? "''" : String(delimiter)}`,
      );
    }
    try {
      this.#decoder = new TextDecoder(encoding);
    } catch (cause) {
      throw new MillraceError('bad-option', `unknown encoding ${quote(String(encoding))}`, { cause });
    }
    this.#delimiter = delimiter;
    this.#maxLength = maxLineLength;
  }

  /**
   * The lines that are complete with `piece`.
   *
   * @throws SourceError `limit-exceeded` for a line longer than `maxLineLength`; by the call after the one that gave
   * the lines before it, where there are any.
   */
  push(piece: Uint8Array | string): string[] {
    return this.#cut(typeof piece === 'string' ? piece : this.#decoder.decode(piece, { stream: true }));
  }

  /** Says that no more comes; gives the last line where it has no delimiter. */
  end(): string[] {
    const lines = this.#cut(this.#decoder.decode());
    const last = this.#rest;
    this.#rest = '';
    if (last !== '') this.#add(last, lines);
    return lines;
  }

  #cut(text: string): string[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (text === '') return [];
    const delimiter = this.#delimiter;
    // A delimiter may have begun at the end of what is kept; the rest of that need not be searched again.
    const overlap = Math.min(this.#rest.length, delimiter.length - 1);
    const kept = this.#rest.length - overlap;
    const searched = overlap === 0 ? text : this.#rest.slice(kept) + text;
    const parts = searched.split(delimiter);
    const lines: string[] = [];
    if (parts.length === 1) this.#rest += text;
    else {
      parts[0] = this.#rest.slice(0, kept) + parts[0]!;
      this.#rest = parts.pop()!;
      for (const part of parts) this.#add(part, lines);
    }
    if (this.#rest.length > this.#maxLength + delimiter.length) this.#refuse(lines);
    return lines;
  }

  #add(text: string, lines: string[]): void {
    if (this.#failure !== undefined) return;
    const line = this.#delimiter === '\n' && text.endsWith('\r') ? text.slice(0, -1) : text;
    if (line.length > this.#maxLength) this.#refuse(lines);
    else {
      this.#lines++;
      lines.push(line);
    }
  }

  #refuse(before: readonly string[]): void {
    this.#failure ??= new SourceError(
      'limit-exceeded',
      `line ${this.#lines + 1} is longer than ${this.#maxLength} characters (maxLineLength)`,
      { position: { row: this.#lines } },
    );
    if (before.length === 0) throw this.#failure;
  }
}
