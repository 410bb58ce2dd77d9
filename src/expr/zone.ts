import { didYouMean, quote, SchemaError } from '../errors.ts';

/** About twelve days: no zone changes its clocks twice in so short a time. */
const block = 2 ** 20;

/** Dates of JavaScript go so far, in seconds. */
const farthest = 8.64e12 - 2 * 86_400;

/** Blocks that are kept. */
const mostBlocks = 20_000;

/** A time in which a zone's clocks were not changed; seconds since 1970, `to` not included. */
export interface Period {
  readonly from: number;
  readonly to: number;
  /** Seconds that the clocks are ahead of UTC. */
  readonly offset: number;
}

/**
 * The clocks of a zone. Asks `Intl` once or twice per twelve days that are asked for, and some twenty times where the
 * clocks change in them; what it said is kept, as far as 20,000 such blocks.
 */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #fixed: number;
  readonly #blocks = new Map<number, readonly Period[]>();

  /** @throws `bad-option` for a zone that there is not; `what` is the operation that it is given to. */
  constructor(name: string, what: string) {
    this.name = name;
    const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(name);
    this.#fixed =
      fixed === null ? 0 : (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
    this.#format = fixed === null && !isUtc(name) ? formatOf(name, what) : undefined;
  }

  /** Whether its clocks never change. */
  get isFixed(): boolean {
    return this.#format === undefined;
  }

  /** The period that `second` lies in, or that part of it which lies in the same twelve days. */
  periodAt(second: number): Period {
    if (this.#format === undefined) {
      return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, offset: this.#fixed };
    }
    const number = Math.floor(second / block);
    let periods = this.#blocks.get(number);
    if (periods === undefined) {
      if (this.#blocks.size >= mostBlocks) this.#blocks.clear();
      periods = this.#look(number * block);
      this.#blocks.set(number, periods);
    }
    const [first, changed] = periods;
    return changed !== undefined && second >= changed.from ? changed : first!;
  }

  offsetAt(second: number): number {
    return this.periodAt(second).offset;
  }

  /** When the clocks were last changed before `second`, or at it; `undefined` where it was more than some weeks ago. */
  changeBefore(second: number): number | undefined {
    let period = this.periodAt(second);
    for (let k = 0; k < 3 && period.from !== Number.NEGATIVE_INFINITY; k++) {
      const before = this.periodAt(period.from - 1);
      if (before.offset !== period.offset) return period.from;
      period = before;
    }
    return undefined;
  }

  #look(from: number): readonly Period[] {
    const to = from + block;
    const first = this.#ask(from);
    const last = this.#ask(to - 1);
    if (first === last) return [{ from, to, offset: first }];
    let low = from;
    let high = to - 1;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === first) low = middle;
      else high = middle;
    }
    return [
      { from, to: high, offset: first },
      { from: high, to, offset: last },
    ];
  }

  /** What the clocks show at a second, less that second. */
  #ask(second: number): number {
    const at = Math.min(farthest, Math.max(-farthest, second));
    let year = 0;
    let isBefore = false;
    const parts: Record<string, number> = { month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format!.formatToParts(at * 1000)) {
      if (type === 'era') isBefore = value.startsWith('B');
      else if (type === 'year') year = Number(value);
      else if (type in parts) parts[type] = Number(value);
    }
    const date = new Date(0);
    date.setUTCFullYear(isBefore ? 1 - year : year, parts.month! - 1, parts.day!);
    return date.getTime() / 1000 + parts.hour! * 3600 + parts.minute! * 60 + parts.second! - at;
  }
}

function isUtc(name: string): boolean {
  return /^(utc|etc\/utc|gmt|z)$/i.test(name);
}

function formatOf(name: string, what: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    const near = didYouMean(name, Intl.supportedValuesOf('timeZone'));
    throw new SchemaError(
      'bad-option',
      `${what}: no time zone ${quote(name)}${near || "; write for example 'Europe/Berlin'"}`,
      {
        cause,
      },
    );
  }
}
