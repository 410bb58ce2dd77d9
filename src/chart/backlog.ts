import type { Batch } from '../columnar/batch.ts';
import { type PlainText, writeNumbers, writeTexts } from '../columnar/plain.ts';
import { SchemaError } from '../errors.ts';
import type { BacklogSize } from './backlog-size.ts';
import { type ChartField, chartField, type FieldKind } from './field.ts';
import type { PlainRecord } from './source.ts';

/** One field of the rows kept: `numbers` for numbers and times, `texts` for strings and booleans. */
export interface BacklogColumn {
  readonly name: string;
  readonly kind: FieldKind;
  /** NaN where the value is missing. Valid from `start` to `end` of the backlog. */
  numbers: Float64Array;
  readonly texts: PlainText[] | undefined;
}

export interface BacklogOptions extends BacklogSize {
  readonly fields: readonly ChartField[];
  /** The field that `milliseconds` is measured along. */
  readonly time?: string | undefined;
  /** The field along which `rows()` is sorted. Default: order of arrival. */
  readonly orderBy?: string | undefined;
}

/**
 * The newest rows of a frame as typed columns, side by side in memory: row numbers `start … end` are in view.
 *
 * New rows are written behind the old ones; when the arrays are full, the rows in view move to the front, so a
 * row costs O(1) amortised, nothing is allocated while the size is steady, and kernels over the rows need no
 * wrap-around. Memory: at most twice `rows` values a field.
 */
export class Backlog {
  readonly columns: readonly BacklogColumn[];
  readonly #limit: number;
  readonly #milliseconds: number | undefined;
  readonly #fields: readonly ChartField[];
  readonly #time: BacklogColumn | undefined;
  readonly #orderBy: BacklogColumn | undefined;
  #capacity: number;
  #start = 0;
  #end = 0;
  /** Greatest time seen. */
  #newest = Number.NEGATIVE_INFINITY;
  /** The last row whose key is less than that of the row before it: behind it all is sorted. */
  #disorder = -1;
  #picked: Uint32Array = new Uint32Array(0);
  /** Times of the rows that had to make room before it was known what is in view. */
  readonly #dropped: number[] = [];
  /** Rows let go because there may not be more of them, though they were in view. */
  cut = 0;

  constructor({ fields, rows, milliseconds, time, orderBy }: BacklogOptions) {
    this.#limit = rows;
    this.#milliseconds = milliseconds;
    this.#fields = fields;
    this.#capacity = Math.min(2 * rows, 256);
    this.columns = fields.map(({ name, kind }) => ({
      name,
      kind,
      numbers: new Float64Array(isText(kind) ? 0 : this.#capacity),
      texts: isText(kind) ? [] : undefined,
    }));
    const column = (name: string | undefined): BacklogColumn | undefined =>
      this.columns.find((candidate) => candidate.name === name);
    this.#time = milliseconds === undefined ? undefined : column(time);
    this.#orderBy = column(orderBy);
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Takes the rows of `batch` behind those it has, and lets the oldest go. O(rows of the batch that fit). */
  append(batch: Batch): void {
    const sources = this.#sources(batch);
    const from = Math.max(0, batch.length - this.#limit);
    const added = batch.length - from;
    if (this.#milliseconds !== undefined) this.cut += from;
    this.#makeRoom(added);
    const at = this.#end;
    for (const [k, column] of this.columns.entries()) {
      const source = sources[k]!;
      if (column.texts === undefined) writeNumbers(source, from, batch.length, column.numbers, at);
      else writeTexts(source, from, batch.length, column.texts, at);
    }
    this.#end = at + added;
    this.#noteOrder(at);
    this.#evict(at);
  }

  /** Takes the rows of `batch` instead of those it has: the first ones, where they are more than the limit. */
  replace(batch: Batch): void {
    const sources = this.#sources(batch);
    const added = Math.min(batch.length, this.#limit);
    this.cut += batch.length - added;
    this.clear();
    this.#makeRoom(added);
    for (const [k, column] of this.columns.entries()) {
      if (column.texts === undefined) writeNumbers(sources[k]!, 0, added, column.numbers, 0);
      else writeTexts(sources[k]!, 0, added, column.texts, 0);
    }
    this.#end = added;
    this.#noteOrder(0);
  }

  /** Takes one row of plain values instead of what it has. */
  replaceByRecord(record: PlainRecord): void {
    this.clear();
    for (const { name, numbers, texts } of this.columns) {
      const value = record.get(name) ?? null;
      if (texts !== undefined) texts[0] = typeof value === 'number' ? String(value) : value;
      else numbers[0] = typeof value === 'number' ? value : Number.NaN;
    }
    this.#end = 1;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
    this.#disorder = -1;
    for (const column of this.columns) if (column.texts !== undefined) column.texts.length = 0;
  }

  /**
   * The numbers of the rows in view, in the order in which they are drawn; rows without a time are in no duration. This is where a decimation will
   * choose among them. The array is used again by the next call.
   */
  rows(): Uint32Array {
    const { length } = this;
    if (this.#picked.length < length)
      this.#picked = new Uint32Array(Math.max(length, 2 * this.#picked.length));
    const picked = this.#picked;
    const bound = this.#bound();
    let count = 0;
    if (bound === undefined) {
      for (let row = this.#start; row < this.#end; row++) picked[count++] = row;
    } else {
      const times = this.#time!.numbers;
      for (let row = this.#start; row < this.#end; row++) if (times[row]! > bound) picked[count++] = row;
    }
    const rows = picked.subarray(0, count);
    if (this.#orderBy !== undefined && this.#disorder > this.#start) {
      const keys = this.#orderBy.numbers;
      // Rows without a key come last; a comparison with NaN would sort nothing.
      rows.sort((a, b) => compare(keys[a]!, keys[b]!) || a - b);
    }
    return rows;
  }

  /** The columns of `batch` that are drawn; a changed type or a missing field is refused before anything is written. */
  #sources(batch: Batch): ReturnType<Batch['column']>[] {
    return this.#fields.map(({ name, kind, type }) => {
      const index = batch.indexOf(name);
      if (index < 0) {
        const names = batch.schema.fields.map((field) => field.name).join(', ');
        throw new SchemaError('schema-mismatch', `the batch has no column "${name}", only ${names}`);
      }
      const now = chartField(batch.schema.fields[index]!);
      if (now.kind !== kind && batch.column(index).kind !== 'null') {
        throw new SchemaError('schema-mismatch', `column "${name}" was ${type}, the batch has ${now.type}`);
      }
      return batch.column(index);
    });
  }

  #makeRoom(added: number): void {
    if (this.#end + added <= this.#capacity) return;
    const kept = Math.min(this.length, Math.max(0, this.#limit - added));
    const first = this.#end - kept;
    if (this.#time !== undefined) {
      for (let row = this.#start; row < first; row++) this.#dropped.push(this.#time.numbers[row]!);
    }
    let capacity = this.#capacity;
    while (capacity < 2 * (kept + added) && capacity < 2 * this.#limit) capacity *= 2;
    this.#capacity = Math.min(capacity, 2 * this.#limit);
    for (const column of this.columns) {
      if (column.texts !== undefined) column.texts.splice(0, first);
      else if (column.numbers.length === this.#capacity) column.numbers.copyWithin(0, first, this.#end);
      else {
        const numbers = new Float64Array(this.#capacity);
        numbers.set(column.numbers.subarray(first, this.#end));
        column.numbers = numbers;
      }
    }
    this.#disorder -= first;
    this.#start = 0;
    this.#end = kept;
  }

  #noteOrder(from: number): void {
    if (this.#orderBy === undefined) return;
    const keys = this.#orderBy.numbers;
    for (let row = Math.max(from, this.#start + 1); row < this.#end; row++) {
      if (!(keys[row]! >= keys[row - 1]!)) this.#disorder = row;
    }
  }

  #evict(from: number): void {
    const over = this.length - this.#limit;
    if (this.#time === undefined) {
      if (over > 0) this.#start += over;
      return;
    }
    const times = this.#time.numbers;
    for (let row = from; row < this.#end; row++) if (times[row]! > this.#newest) this.#newest = times[row]!;
    const bound = this.#bound()!;
    while (this.#start < this.#end && !(times[this.#start]! > bound)) this.#start++;
    for (const time of this.#dropped) if (time > bound) this.cut++;
    this.#dropped.length = 0;
    const still = this.length - this.#limit;
    if (still > 0) {
      this.#start += still;
      this.cut += still;
    }
  }

  #bound(): number | undefined {
    return this.#time === undefined ? undefined : this.#newest - this.#milliseconds!;
  }
}

/** Ascending, NaN last. */
function compare(a: number, b: number): number {
  return a - b || (Number.isNaN(a) ? 1 : 0) - (Number.isNaN(b) ? 1 : 0);
}

function isText(kind: FieldKind): boolean {
  return kind === 'text' || kind === 'boolean';
}
