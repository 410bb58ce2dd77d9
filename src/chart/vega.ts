import type { View } from 'vega';
import type { EmbedOptions, Result } from 'vega-embed';
import { MillraceError } from '../errors.ts';
import { type Json, objectsOf } from './spec.ts';
import type { TupleChanges } from './tuple-pool.ts';

/** What is used of vega and vega-embed. */
export interface Vega {
  readonly embed: (element: HTMLElement, spec: never, options: EmbedOptions) => Promise<Result>;
  readonly changeset: typeof import('vega').changeset;
}

/**
 * Loads vega, vega-lite and vega-embed, which are fetched with the first chart only.
 *
 * @throws `not-available` naming what to install.
 */
export async function loadVega(): Promise<Vega> {
  try {
    const [{ default: embed }, { changeset }] = await Promise.all([import('vega-embed'), import('vega')]);
    return { embed: embed as Vega['embed'], changeset };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError(
      'not-available',
      `charts need the packages vega, vega-lite and vega-embed (npm install vega vega-lite vega-embed): ${text}`,
      { cause },
    );
  }
}

/** Embeds options that no page should miss: no style sheet, no menu, no generated code unless wanted. */
export function embedOptions(
  options: Pick<EmbedOptions, 'renderer' | 'config' | 'tooltip' | 'logger' | 'patch'>,
  compiled: boolean,
): EmbedOptions {
  return { ...options, mode: 'vega-lite', actions: false, defaultStyle: false, hover: false, ast: !compiled };
}

/**
 * Shortens the test of every row for gaps in lines and areas: the fields of the frame are finite or null. Interpreted,
 * the test is a sixth of the cost of a line.
 */
export function shortenTests(spec: Json, fields: ReadonlySet<string>): Json {
  for (const mark of objectsOf(spec.marks)) {
    shortenTests(mark, fields);
    const defined = (mark.encode as { update?: { defined?: { signal?: unknown } } } | undefined)?.update
      ?.defined;
    if (typeof defined?.signal !== 'string') continue;
    defined.signal = defined.signal.replace(
      /isValid\(datum\["([^"\\]+)"\]\) && isFinite\(\+datum\["\1"\]\)/g,
      (test, field: string) => (fields.has(field) ? `datum["${field}"] !== null` : test),
    );
  }
  return spec;
}

/** Gives the changed rows to the view; it shows them with its next run. */
export function applyChanges(
  vega: Vega,
  view: View,
  data: string,
  { inserted, removed, modified, kept }: TupleChanges,
): void {
  const changes = vega.changeset();
  if (removed.length > 0) changes.remove(removed as Json[]);
  if (inserted.length > 0) changes.insert(inserted as Json[]);
  if (kept !== undefined && modified.size > 0) {
    // One modification marks the field, the reflow says that it may have changed in every row.
    for (const field of modified) changes.modify(kept, field, kept[field]);
    (changes as unknown as { reflow(): void }).reflow(); // not in the declarations
  }
  view.change(data, changes);
}

/**
 * Whether something is drawn beyond the edge of a chart of `width` by `height` pixels: labels became wider than
 * there was room for when the chart was laid out.
 */
export function overflows(view: View, width: number, height: number): boolean {
  const { root } = view.scenegraph() as unknown as { root?: { bounds?: Box } };
  if (root?.bounds === undefined) return false;
  const { x1, y1, x2, y2 } = root.bounds;
  const [left, top] = view.origin() as unknown as [number, number];
  const padding = view.padding() as { left: number; top: number; right: number; bottom: number };
  const right = width - padding.left - padding.right - left;
  const bottom = height - padding.top - padding.bottom - top;
  return x1 < -left - 1 || y1 < -top - 1 || x2 > right + 1 || y2 > bottom + 1;
}

interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}
