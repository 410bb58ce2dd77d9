/** What went wrong, for programs. The text of an error is for people and may change; its code does not. */
export type ErrorCode =
  | 'no-such-column'
  | 'type-mismatch'
  | 'schema-mismatch'
  | 'bad-expression'
  | 'bad-option'
  | 'bad-value'
  | 'overflow'
  | 'limit-exceeded'
  | 'not-available'
  | 'disposed'
  | 'user-code'
  | 'source-failed'
  | 'bad-message'
  | 'chart-failed';

export interface MillraceErrorOptions {
  cause?: unknown;
}

/** Base of every error the library throws. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  /** Names of the nodes the error came through, source first. Filled in while it travels up the graph. */
  path: readonly string[] = [];
  readonly #text: string;
  /** Whether this is the copy that travels, and not what somebody threw and may throw again. */
  #travels = false;
  #emitter: object | undefined;

  constructor(code: ErrorCode, message: string, options?: MillraceErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.#text = message;
  }

  /**
   * Puts `name` before the path and renews the text. Called by each node the error passes. Gives the error to
   * pass on: a copy at first, since what a function threw stays its own, and it may throw the same object again. A path
   * has at most 100 names.
   */
  passedThrough(name: string): this {
    const error = this.#travels ? this : this.#copy();
    if (error.path.length < maxPath) error.path = [name, ...error.path];
    error.message = `${this.#text} (at ${error.path.join(' › ')})`;
    return error;
  }

  /** Notes that the error has left `emitter` on its way up, for whoever asks whether it is the emitter's own. */
  leaving(emitter: object): this {
    const error = this.#travels ? this : this.#copy();
    error.#emitter = emitter;
    return error;
  }

  /** Whether `emitter` was the last that the error left. */
  hasLeft(emitter: object): boolean {
    return this.#emitter === emitter;
  }

  #copy(): this {
    const copy = new MillraceError(this.code, this.#text, 'cause' in this ? { cause: this.cause } : {});
    Object.setPrototypeOf(copy, Object.getPrototypeOf(this));
    Object.assign(copy, this);
    Object.defineProperty(copy, 'stack', { value: this.stack, configurable: true, writable: true });
    copy.#travels = true;
    return copy as this;
  }
}

const maxPath = 100;

/** The graph was built or used in a way that cannot work. */
export class GraphError extends MillraceError {}

/** Columns, types or expressions do not fit the data. */
export class SchemaError extends MillraceError {}

/** A function given by the user threw; `cause` is what it threw. */
export class UserCodeError extends MillraceError {}

/** Where in a source a failure happened; what is known of it. */
export interface SourcePosition {
  /** Number of the message, request or response, from 0. */
  message?: number;
  /** Number of the record batch inside the message, from 0. */
  batch?: number;
  /** Number of the row inside the message, or line of the text, from 0. */
  row?: number;
  /** Offset in bytes from the start of the response or message. */
  byte?: number;
}

/** A source could not be read, or gave something that is not what it should be. */
export class SourceError extends MillraceError {
  readonly position: SourcePosition;

  constructor(
    code: ErrorCode,
    message: string,
    options: MillraceErrorOptions & { position?: SourcePosition } = {},
  ) {
    super(code, message, options);
    this.position = options.position ?? {};
  }
}

/**
 * The given error as one of ours: a `MillraceError` stays itself, anything else becomes the cause of a
 * `UserCodeError` that carries its text.
 */
export function asMillraceError(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const text = textOfThrown(error);
  return new UserCodeError('user-code', text === '' ? 'a function threw without a message' : text, {
    cause: error,
  });
}

/** What something thrown says, whatever it is: anything can be thrown. */
export function textOfThrown(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'something without a text was thrown';
  }
}

/** The names nearest to `wanted`: edit distance at most 2, or one a prefix of the other; at most three. */
export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const lower = wanted.toLowerCase();
  const scored: { name: string; distance: number }[] = [];
  for (const name of names) {
    const other = name.toLowerCase();
    const prefix = lower !== '' && other !== '' && (other.startsWith(lower) || lower.startsWith(other));
    const distance = editDistance(lower, other, 3);
    if (distance <= 2 && distance < Math.max(lower.length, other.length)) scored.push({ name, distance });
    else if (prefix) scored.push({ name, distance: 3 });
  }
  scored.sort((a, b) => a.distance - b.distance);
  return scored.slice(0, 3).map((entry) => entry.name);
}

/** `; did you mean "amount"?`, or nothing where no name is near. */
export function didYouMean(wanted: string, names: Iterable<string>): string {
  const near = nearestNames(wanted, names).map(quote);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Levenshtein distance, cut off at `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return Math.min(row[b.length]!, limit);
}
