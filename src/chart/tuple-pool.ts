import type { PlainText } from '../columnar/plain.ts';
import type { Backlog, BacklogColumn } from './backlog.ts';

/** A row as Vega sees it. Vega puts an id on it, so the same object is the same row. */
export type Tuple = Record<string, number | PlainText>;

/** What became different since the last time. */
export interface TupleChanges {
  readonly inserted: readonly Tuple[];
  readonly removed: readonly Tuple[];
  /** Fields that have another value in some tuple that was there before. */
  readonly modified: ReadonlySet<string>;
  /** A tuple that was there before and still is. */
  readonly kept: Tuple | undefined;
}

interface Series {
  readonly tuples: Tuple[];
  used: number;
}

/**
 * The rows of a chart as objects that live as long as the chart: the i-th row of a series is always the
 * i-th object, with other values in it. Vega, which keeps a little of every row it ever saw, sees
 * only as many as the chart has at its fullest.
 *
 * A series is one combination of the `groups` fields (colour, facet): what distinguishes lines must stay with
 * the object, for Vega sorts objects into lines by it. Missing and infinite numbers become `null`.
 */
export class TuplePool {
  readonly #groups: readonly string[];
  readonly #numberAs: string | undefined;
  readonly #series = new Map<unknown, Series>();
  readonly #spare: Tuple[] = [];
  #list: Tuple[] = [];
  #size = 0;

  /** `numberAs` names a field for the place of the row among those drawn. */
  constructor(groups: readonly string[] = [], numberAs?: string) {
    this.#groups = groups;
    this.#numberAs = numberAs;
  }

  /** Number of tuples in the chart. */
  get size(): number {
    return this.#size;
  }

  /** Writes `rows` of `backlog` into the tuples. O(rows × fields); allocates only when there are more rows than before. */
  renew(backlog: Backlog, rows: Uint32Array): TupleChanges {
    const { columns } = backlog;
    const inserted: Tuple[] = [];
    const modified = new Set<string>();
    let kept: Tuple | undefined;
    const fresh = new Set<Tuple>();
    const list = this.#list;
    if (list.length > rows.length) list.length = rows.length;
    for (const series of this.#series.values()) series.used = 0;

    const groups = columns.filter(({ name }) => this.#groups.includes(name));
    let series = groups.length === 0 && rows.length > 0 ? this.#seriesOf(undefined) : undefined;
    let last: unknown;
    for (let i = 0; i < rows.length; i++) {
      if (groups.length > 0) {
        const key = groups.length === 1 ? valueAt(groups[0]!, rows[i]!) : keyAt(groups, rows[i]!);
        if (series === undefined || key !== last) series = this.#seriesOf(key);
        last = key;
      }
      const { tuples, used } = series!;
      let tuple = tuples[used];
      if (tuple === undefined) {
        tuple = this.#spare.pop() ?? {};
        tuples.push(tuple);
        inserted.push(tuple);
        fresh.add(tuple);
      } else kept = tuple;
      series!.used = used + 1;
      list[i] = tuple;
    }

    for (const column of columns) {
      if (writeColumn(column, rows, list, fresh)) modified.add(column.name);
    }
    if (this.#numberAs !== undefined && number(this.#numberAs, list, fresh)) modified.add(this.#numberAs);
    const removed = this.#takeUnused();
    this.#size = rows.length;
    return { inserted, removed, modified, kept };
  }

  #seriesOf(key: unknown): Series {
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { tuples: [], used: 0 };
      this.#series.set(key, series);
    }
    return series;
  }

  #takeUnused(): Tuple[] {
    const removed: Tuple[] = [];
    for (const [key, { tuples, used }] of this.#series) {
      while (tuples.length > used) removed.push(tuples.pop()!);
      if (used === 0) this.#series.delete(key);
    }
    for (const tuple of removed) this.#spare.push(tuple);
    return removed;
  }
}

/** Whether a tuple that was there before got another value. */
function writeColumn(
  column: BacklogColumn,
  rows: Uint32Array,
  list: Tuple[],
  fresh: ReadonlySet<Tuple>,
): boolean {
  const { name, numbers, texts } = column;
  const anyFresh = fresh.size > 0;
  let changed = false;
  for (let i = 0; i < rows.length; i++) {
    const tuple = list[i]!;
    let value: number | PlainText;
    if (texts === undefined) {
      const number = numbers[rows[i]!]!;
      value = number - number === 0 ? number : null;
    } else value = texts[rows[i]!]!;
    if (tuple[name] === value) continue;
    tuple[name] = value;
    changed ||= !anyFresh || !fresh.has(tuple);
  }
  return changed;
}

function number(name: string, list: Tuple[], fresh: ReadonlySet<Tuple>): boolean {
  let changed = false;
  for (const [i, tuple] of list.entries()) {
    if (tuple[name] === i) continue;
    tuple[name] = i;
    changed ||= !fresh.has(tuple);
  }
  return changed;
}

function valueAt({ numbers, texts }: BacklogColumn, row: number): unknown {
  return texts === undefined ? numbers[row] : texts[row];
}

function keyAt(groups: readonly BacklogColumn[], row: number): string {
  return JSON.stringify(groups.map((group) => valueAt(group, row)));
}
