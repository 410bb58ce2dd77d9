/**
 * A Vega-Lite specification without data: the frame is the data. Any view of Vega-Lite is taken: a mark, layers,
 * facets, concatenations.
 */
export interface ChartSpec {
  readonly $schema?: string;
  readonly mark?: unknown;
  readonly encoding?: unknown;
  readonly layer?: unknown;
  readonly facet?: unknown;
  readonly repeat?: unknown;
  readonly concat?: unknown;
  readonly hconcat?: unknown;
  readonly vconcat?: unknown;
  readonly columns?: unknown;
  readonly spec?: unknown;
  readonly transform?: unknown;
  readonly params?: unknown;
  readonly projection?: unknown;
  readonly resolve?: unknown;
  readonly title?: unknown;
  readonly name?: unknown;
  readonly description?: unknown;
  /** A number, or `'container'` (the default) for the width of the element. */
  readonly width?: unknown;
  /** A number, or `'container'`. Default: the height of the element where it has one, else 240. */
  readonly height?: unknown;
  readonly view?: unknown;
  readonly config?: unknown;
  readonly background?: unknown;
  readonly padding?: unknown;
  readonly autosize?: unknown;
  readonly bounds?: unknown;
  readonly align?: unknown;
  readonly center?: unknown;
  readonly spacing?: unknown;
  readonly usermeta?: unknown;
  /** Data of its own is allowed inside (a layer with a rule, say), not here. */
  readonly data?: unknown;
  readonly datasets?: unknown;
}

/** A JSON object. */
export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
}

/** One definition of a channel: `{field, type, …}`. */
export interface ChannelUse {
  readonly channel: string;
  readonly definition: Json;
}

/** A view with a mark, and all encodings that hold for it, its own and those of the layers around. */
export interface UnitView {
  readonly view: Json;
  readonly mark: Json;
  readonly encoding: Json;
}

/** What is found in a specification. The objects are those of the specification itself. */
export interface SpecParts {
  readonly units: UnitView[];
  /** Every channel definition that reads the frame's data, wherever it stands. */
  readonly uses: ChannelUse[];
  readonly transforms: Json[];
  /** Names put in place of `{repeat: …}`. */
  readonly repeated: string[];
  /** Whether expressions may read any field: transforms, parameters, conditions. */
  readonly readsAny: boolean;
  /** Whether it is one view (a mark, or layers of them), whose size can be that of the element. */
  readonly single: boolean;
}

/** Walks through a specification. Views with data of their own are left out. Marks given by name become objects. */
export function partsOf(spec: Json): SpecParts {
  const parts = {
    units: [] as UnitView[],
    uses: [] as ChannelUse[],
    transforms: [] as Json[],
    repeated: [] as string[],
    readsAny: Array.isArray(spec.params) && spec.params.length > 0,
    single: spec.mark !== undefined || Array.isArray(spec.layer),
  };
  walk(spec, {}, parts, true);
  return parts;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function walk(view: Json, inherited: Json, parts: Mutable<SpecParts>, top: boolean): void {
  if (!top && hasOwnData(view)) return;
  const transforms = objectsOf(view.transform);
  parts.transforms.push(...transforms);
  if (transforms.length > 0) parts.readsAny = true;
  const own = isObject(view.encoding) ? view.encoding : {};
  for (const [channel, value] of Object.entries(own)) {
    for (const definition of objectsOf(value)) useOf(channel, definition, parts);
    if (['row', 'column', 'facet'].includes(channel)) parts.single = false;
  }
  const encoding = { ...inherited, ...own };

  if (view.mark !== undefined) {
    if (typeof view.mark === 'string') view.mark = { type: view.mark };
    if (isObject(view.mark)) parts.units.push({ view, mark: view.mark, encoding });
    if (isObject(view.mark) && JSON.stringify(view.mark).includes('"expr"')) parts.readsAny = true;
  }
  const { facet, repeat } = view;
  if (isObject(facet)) {
    if (facet.field !== undefined) useOf('facet', facet, parts);
    else for (const channel of ['row', 'column']) useOf(channel, objectsOf(facet[channel])[0] ?? {}, parts);
  }
  for (const list of Array.isArray(repeat) ? [repeat] : Object.values(isObject(repeat) ? repeat : {})) {
    if (Array.isArray(list)) for (const name of list) if (typeof name === 'string') parts.repeated.push(name);
  }
  for (const key of ['layer', 'concat', 'hconcat', 'vconcat']) {
    for (const child of objectsOf(view[key])) walk(child, encoding, parts, false);
  }
  if (isObject(view.spec)) walk(view.spec, encoding, parts, false);
}

function useOf(channel: string, definition: Json, parts: Mutable<SpecParts>): void {
  parts.uses.push({ channel, definition });
  for (const condition of objectsOf(definition.condition)) {
    parts.uses.push({ channel, definition: condition });
    if (condition.test !== undefined) parts.readsAny = true;
  }
  if (isObject(definition.sort) && definition.sort.field !== undefined) {
    parts.uses.push({ channel: `sort of ${channel}`, definition: definition.sort });
  }
}

function hasOwnData(view: Json): boolean {
  const { data } = view;
  return isObject(data) && ['values', 'url', 'sequence', 'sphere', 'graticule'].some((key) => key in data);
}
