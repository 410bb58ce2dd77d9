import {
  Field,
  Float32,
  Int16,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  TimestampMillisecond,
} from 'apache-arrow';

/** Days that the flights of the file are dealt out over: some 16,700 a day, as many as there were. */
export const days = 12;

const msPerDay = 86_400_000;
/** The flights are of early 2001. */
const firstDay = Date.UTC(2001, 0, 1);

/** The columns of the file, the flights of each day side by side, by departure. */
export interface Flights {
  readonly delay: Int16Array;
  readonly distance: Int16Array;
  /** Hour of the day, with a fraction. */
  readonly hour: Float32Array;
  /** Day of each row, from 0. */
  readonly day: Uint8Array;
}

const fields = [
  new Field('departure', new TimestampMillisecond(), false),
  new Field('hour', new Float32(), false),
  new Field('distance', new Int16(), false),
  new Field('delay', new Int16(), false),
];
const row = new Struct(fields);

/**
 * Reads `flights-200k.arrow`, whose rows are sorted by the hour of day of their departure and say no more of the date.
 * Every twelfth row makes a day, so days differ as far as their flights do.
 */
export function readFlights(file: Uint8Array): Flights {
  const delays: Int16Array[] = [];
  const distances: Int16Array[] = [];
  const hours: Float32Array[] = [];
  for (const batch of RecordBatchReader.from(file)) {
    delays.push(batch.getChild('delay')!.toArray() as Int16Array);
    distances.push(batch.getChild('distance')!.toArray() as Int16Array);
    hours.push(batch.getChild('time')!.toArray() as Float32Array);
  }
  const [delay, distance, hour] = [joined(delays), joined(distances), joined(hours)];
  const { length } = delay;
  const dealt = {
    delay: new Int16Array(length),
    distance: new Int16Array(length),
    hour: new Float32Array(length),
    day: new Uint8Array(length),
  };
  let at = 0;
  for (let day = 0; day < days; day++) {
    for (let row = day; row < length; row += days, at++) {
      dealt.delay[at] = delay[row]!;
      dealt.distance[at] = distance[row]!;
      dealt.hour[at] = hour[row]!;
      dealt.day[at] = day;
    }
  }
  return dealt;
}

/**
 * The flights day after day without end, as record batches of any size. `departure` goes on rising when the days of
 * the file start over, so it is an event time. The metadata of the schema says when the batch was made (`sent`, in ms since 1970) and how
 * many rows were left out before it (`skipped`).
 */
export class Replay {
  readonly #flights: Flights;
  /** Next row. */
  #at = 0;
  /** Times that the days have started over. */
  #rounds = 0;
  #skipped = 0;

  constructor(flights: Flights) {
    this.#flights = flights;
  }

  /** The next `rows` flights. */
  next(rows: number): RecordBatch {
    const { delay, distance, hour, day } = this.#flights;
    const columns = {
      departure: new Int32Array(2 * rows),
      hour: new Float32Array(rows),
      distance: new Int16Array(rows),
      delay: new Int16Array(rows),
    };
    for (let done = 0; done < rows; ) {
      const from = this.#at;
      const count = Math.min(rows - done, delay.length - from);
      columns.delay.set(delay.subarray(from, from + count), done);
      columns.distance.set(distance.subarray(from, from + count), done);
      columns.hour.set(hour.subarray(from, from + count), done);
      const start = firstDay + this.#rounds * days * msPerDay;
      for (let i = 0; i < count; i++) {
        const ofDay = Math.round(hour[from + i]! * 3_600_000);
        putInt64(columns.departure, done + i, start + day[from + i]! * msPerDay + ofDay);
      }
      this.#advance(count);
      done += count;
    }
    const children = fields.map(({ name, type }) => {
      const values = columns[name as keyof typeof columns];
      const data = name === 'departure' ? new BigInt64Array(values.buffer) : values;
      return makeData({ type, length: rows, nullCount: 0, data } as never);
    });
    const metadata = new Map([
      ['sent', String(Date.now())],
      ['skipped', String(this.#skipped)],
    ]);
    return new RecordBatch(
      new Schema(fields, metadata),
      makeData({ type: row, length: rows, nullCount: 0, children }) as never,
    );
  }

  /** Leaves the next `rows` flights out. */
  skip(rows: number): void {
    this.#skipped += rows;
    for (let left = rows; left > 0; ) {
      const count = Math.min(left, this.#flights.delay.length - this.#at);
      this.#advance(count);
      left -= count;
    }
  }

  #advance(count: number): void {
    this.#at += count;
    if (this.#at < this.#flights.delay.length) return;
    this.#at = 0;
    this.#rounds++;
  }
}

/** Writes a whole number without a bigint per row: low word, then high word. */
function putInt64(words: Int32Array, row: number, value: number): void {
  words[2 * row] = value | 0;
  words[2 * row + 1] = Math.floor(value / 2 ** 32);
}

function joined<A extends Int16Array | Float32Array>(parts: readonly A[]): A {
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new (parts[0]!.constructor as new (length: number) => A)(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
