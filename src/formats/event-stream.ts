import { quote, SourceError } from '../errors.ts';

/** An event that a server has sent; `D` is the type of its data. */
export interface ServerSentEvent<D = string> {
  /** What kind of event it is; `'message'` where the server does not say. */
  readonly type: string;
  /** Its lines, joined by `\n`; where JSON is asked for, what that says. */
  readonly data: D;
  /** The last id the server has sent, with this event or before; empty where it has sent none. */
  readonly id: string;
}

/** Options of an event-stream decoder. */
export interface EventStreamOptions {
  /** The id to start with, as sent to the server. */
  lastEventId?: string | undefined;
  /** Most characters of one event. Default 16,777,216. */
  maxEventLength?: number | undefined;
}

/**
 * Reads `text/event-stream` that arrives in pieces, as the HTML standard says: UTF-8 with or without a byte order
 * mark; lines that end in LF, CR or CRLF, cut anywhere; comments and unknown fields passed over; an event
 * without data gives none, but its id counts; an event that the end of the stream cuts off is none.
 *
 * Keeps the event that is not yet whole.
 */
export class EventStreamDecoder {
  readonly #decoder = new TextDecoder();
  readonly #maxLength: number;
  /** The line that is not yet whole, in pieces. */
  #rest: string[] = [];
  #restLength = 0;
  /** Whether the last piece ended in CR: an LF that comes next belongs to it. */
  #skipLf = false;
  #type = '';
  #data: string[] = [];
  #dataLength = 0;
  #id: string;
  #lastEventId: string;
  #retryMs: number | undefined;

  constructor({ lastEventId = '', maxEventLength = 2 ** 24 }: EventStreamOptions = {}) {
    this.#id = lastEventId;
    this.#lastEventId = lastEventId;
    this.#maxLength = maxEventLength;
  }

  /** The id that asks for what comes after all that has come. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** How long the server wants to be left alone after a connection ends; `undefined` where it has not said. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * The events that are complete with `bytes`.
   *
   * @throws SourceError `limit-exceeded` for an event longer than `maxEventLength`, after those before it.
   */
  *push(bytes: Uint8Array): Generator<ServerSentEvent, void, undefined> {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return;
    if (this.#skipLf && text.startsWith('\n')) text = text.slice(1);
    this.#skipLf = text === '' ? false : text.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    const last = lines.pop()!;
    for (const end of lines) {
      const line = this.#rest.join('') + end;
      this.#rest = [];
      this.#restLength = 0;
      const event = this.#line(line);
      if (event !== undefined) yield event;
    }
    if (last !== '') {
      this.#rest.push(last);
      this.#restLength += last.length;
      this.#check();
    }
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data.push(value);
      this.#dataLength += value.length + 1;
      this.#check();
    } else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
  }

  #dispatch(): ServerSentEvent | undefined {
    const data = this.#data;
    const type = this.#type === '' ? 'message' : this.#type;
    this.#data = [];
    this.#type = '';
    this.#dataLength = 0;
    this.#lastEventId = this.#id;
    if (data.length === 0) return undefined;
    return { type, data: data.join('\n'), id: this.#id };
  }

  #check(): void {
    if (this.#restLength + this.#dataLength <= this.#maxLength) return;
    throw new SourceError(
      'limit-exceeded',
      `event is longer than ${this.#maxLength} characters (maxEventLength)`,
    );
  }
}

/** Says that the data of an event is no JSON. */
export function notJson(data: string, message: number, cause: unknown): SourceError {
  const start = data.length > 80 ? `${data.slice(0, 80)}…` : data;
  const text = `data of event ${message} is not JSON: ${quote(start)}`;
  return new SourceError('bad-message', text, { cause, position: { message } });
}
