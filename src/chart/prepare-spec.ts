import { didYouMean, MillraceError, quote, SchemaError } from '../errors.ts';
import type { ChartField } from './field.ts';
import {
  type ChannelUse,
  type ChartSpec,
  isObject,
  type Json,
  objectsOf,
  partsOf,
  type SpecParts,
  type UnitView,
} from './spec.ts';
import { inkSignal } from './theme.ts';

/** Name of the data set that the rows are in. */
export const dataName = 'rows';
/** Name of the field that holds the place of a row among all that are drawn. */
export const rowNumber = 'millraceRow';

export interface PrepareOptions {
  /** Fields of the frame. */
  readonly fields: readonly ChartField[];
  /** Zone of time axes. Default: UTC for timestamps and dates, local for plain numbers of milliseconds. */
  readonly zone?: 'UTC' | 'local' | undefined;
  /** Adds the whole row as tooltip to marks that stand for one row. */
  readonly tooltip?: boolean | undefined;
  /** More fields to keep than the specification names. */
  readonly keep?: readonly string[] | undefined;
}

export interface PreparedSpec {
  /** The specification to compile. */
  readonly spec: Json;
  /** The fields that it may read. */
  readonly fields: readonly ChartField[];
  /** What tells lines and panels apart. */
  readonly groups: readonly string[];
  /** The field by which the rows must be sorted, since the marks no longer are. */
  readonly orderBy: string | undefined;
  /** Whether rows need their `rowNumber`. */
  readonly numbered: boolean;
  /** The field on a temporal x axis. */
  readonly time: string | undefined;
  /** The zone of each time field: `true` for UTC. */
  readonly utc: ReadonlyMap<string, boolean>;
  /** Whether width and height are those of the element. */
  readonly single: boolean;
  readonly warnings: readonly string[];
}

const pathMarks = new Set(['line', 'area', 'trail']);
const groupChannels = [
  'color',
  'fill',
  'stroke',
  'opacity',
  'fillOpacity',
  'strokeOpacity',
  'strokeDash',
  'strokeWidth',
  'size',
  'detail',
  'key',
];
const panelChannels = new Set(['row', 'column', 'facet']);
const views = ['mark', 'layer', 'facet', 'repeat', 'concat', 'hconcat', 'vconcat', 'spec'];
/** Transforms whose fields cannot be told from the specification. */
const openTransforms = ['pivot', 'lookup', 'density', 'regression', 'loess', 'quantile', 'flatten', 'fold'];
/** Transforms that the frame does better, and once for all charts. */
const upstream: Readonly<Record<string, string>> = {
  aggregate: 'agg()',
  joinaggregate: 'agg()',
  window: 'window()',
  calculate: 'assign()',
  filter: 'filter()',
};

/**
 * Makes a specification fit for data that never stops: names the data set, gives each field the type its column
 * has, checks the names, and takes out what costs or leaks with every row (parsing, sorting, descriptions, a stack of
 * one).
 *
 * @throws `no-such-column` for a field the frame does not have, `type-mismatch` for one that cannot be drawn,
 * `bad-option` for something that is no Vega-Lite specification.
 */
export function prepareSpec(given: ChartSpec, options: PrepareOptions): PreparedSpec {
  const spec = cloneSpec(given);
  const warnings: string[] = [];
  if (isObject(spec.data) && Object.keys(spec.data).some((key) => key !== 'name')) {
    warnings.push("the specification's own data is not used: the chart shows the frame");
  }
  spec.data = { name: dataName, format: { parse: null } };
  delete spec.usermeta;

  const parts = partsOf(spec);
  const byName = new Map(options.fields.map((field) => [field.name, field]));
  const made = madeFields(parts);
  const named = new Set<string>();
  for (const { mark } of parts.units) checkMark(mark.type);
  for (const use of parts.uses) {
    const name = resolveField(use, byName, made);
    if (name !== undefined) named.add(name);
  }
  for (const name of parts.repeated) {
    if (!byName.has(name) && made?.has(name) !== true) throw noSuchField(name, 'repeat', byName);
    named.add(name);
  }
  for (const name of options.keep ?? []) named.add(name);
  const open = parts.readsAny || options.tooltip === true || showsRows(parts) || parts.repeated.length > 0;
  const fields = options.fields.filter((field) => (open && field.kind !== 'none') || named.has(field.name));
  for (const field of fields) {
    if (field.kind === 'none') {
      throw new SchemaError(
        'type-mismatch',
        `column ${quote(field.name)} of type ${field.type} cannot be drawn`,
      );
    }
  }

  const utc = new Map<string, boolean>();
  for (const use of parts.uses) {
    giveZone(use, byName, options.zone, utc);
    giveClockLabels(use);
  }
  const numbered = parts.uses.filter(keepOrderOfRows).length > 0;
  const single = parts.single && parts.units.every(({ view }) => typeof view.width !== 'object');
  const orderBy = takeOutSorting(parts, byName);
  for (const unit of parts.units) {
    takeOutStackOfOne(unit);
    if (options.tooltip === true) giveTooltip(unit);
  }
  warnings.push(...transformWarnings(parts));
  spec.params = [...objectsOf(spec.params), { name: inkSignal, value: '#888' }];
  const groups = groupsOf(parts).filter((name) => byName.has(name));
  return { spec, fields, groups, orderBy, numbered, time: timeOf(parts, byName), utc, single, warnings };
}

function cloneSpec(given: ChartSpec): Json {
  if (!isObject(given)) {
    throw new MillraceError('bad-option', `a chart needs a Vega-Lite specification, got ${String(given)}`);
  }
  const { $schema } = given;
  if (typeof $schema === 'string' && !$schema.includes('vega-lite')) {
    throw new MillraceError(
      'bad-option',
      `a chart needs a Vega-Lite specification, got one of ${quote($schema)}`,
    );
  }
  if (!views.some((key) => key in given)) {
    const keys = Object.keys(given);
    throw new MillraceError(
      'bad-option',
      `a chart needs a Vega-Lite specification with a mark, layer, facet or concat, got ${keys.length === 0 ? 'none' : keys.join(', ')}`,
    );
  }
  try {
    return structuredClone(given) as Json;
  } catch (cause) {
    throw new MillraceError('bad-option', 'a Vega-Lite specification is plain data, without functions', {
      cause,
    });
  }
}

function transformWarnings({ transforms }: SpecParts): string[] {
  return transforms.flatMap((transform) =>
    Object.entries(upstream)
      .filter(([kind]) => kind in transform)
      // A selection is made in the chart and can be nowhere else.
      .filter(([kind]) => !JSON.stringify(transform[kind]).includes('"param"'))
      .map(
        ([kind, instead]) =>
          `transform ${quote(kind)} runs again over all rows of the chart at each update; do it on the frame by ${instead}`,
      ),
  );
}

/** Names that the transforms add to the rows; `undefined` where they cannot be known. */
function madeFields({ transforms }: SpecParts): Set<string> | undefined {
  const made = new Set<string>();
  for (const transform of transforms) {
    if (openTransforms.some((kind) => kind in transform)) return undefined;
    for (const part of [
      transform,
      ...objectsOf(transform.aggregate),
      ...objectsOf(transform.joinaggregate),
      ...objectsOf(transform.window),
    ]) {
      for (const name of Array.isArray(part.as) ? part.as : [part.as]) {
        if (typeof name === 'string') made.add(name);
      }
    }
  }
  return made;
}

/** The column that a channel reads, after writing its name as Vega-Lite wants it and filling in its type. */
function resolveField(
  { channel, definition }: ChannelUse,
  byName: ReadonlyMap<string, ChartField>,
  made: ReadonlySet<string> | undefined,
): string | undefined {
  const { field } = definition;
  if (typeof field !== 'string') return undefined;
  const plain = field.replace(/\\(.)/g, '$1');
  const column = byName.get(field) ?? byName.get(plain);
  if (column === undefined) {
    if (made === undefined || made.has(plain)) return undefined;
    throw noSuchField(field, channel, byName);
  }
  if (made?.has(plain)) return undefined;
  if (byName.has(field)) definition.field = field.replace(/[\\.[\]'"]/g, '\\$&');
  const computed = ['aggregate', 'bin', 'timeUnit'].some((key) => definition[key] !== undefined);
  const { type } = definition;
  if (!computed && column.kind === 'text' && (type === 'quantitative' || type === 'temporal')) {
    throw new SchemaError(
      'type-mismatch',
      `column ${quote(field)} of type ${column.type} cannot be drawn as ${type} for ${channel}; leave the type out, or make the column ${type === 'temporal' ? 'a timestamp' : 'a number'}`,
    );
  }
  if (!computed && type === undefined && !channel.startsWith('sort of')) {
    definition.type = {
      number: 'quantitative',
      time: 'temporal',
      text: 'nominal',
      boolean: 'nominal',
      none: 'nominal',
    }[column.kind];
  }
  return column.name;
}

const marks = [
  'arc',
  'area',
  'bar',
  'boxplot',
  'circle',
  'errorband',
  'errorbar',
  'geoshape',
  'image',
  'line',
  'point',
  'rect',
  'rule',
  'square',
  'text',
  'tick',
  'trail',
];

/** @throws `bad-option` for a mark that Vega-Lite does not have. */
function checkMark(type: unknown): void {
  if (typeof type === 'string' && marks.includes(type)) return;
  const name = String(type);
  throw new MillraceError(
    'bad-option',
    `no mark ${quote(name)}${didYouMean(name, marks) || ';'} there are ${marks.join(', ')}`,
  );
}

function noSuchField(field: string, channel: string, byName: ReadonlyMap<string, ChartField>): SchemaError {
  const names = [...byName.keys()];
  return new SchemaError(
    'no-such-column',
    `no column ${quote(field)} for ${channel} among ${names.join(', ')}${didYouMean(field, names)}`,
  );
}

function showsRows({ units }: SpecParts): boolean {
  return units.some(({ mark }) => isObject(mark.tooltip) && mark.tooltip.content === 'data');
}

function giveZone(
  { definition }: ChannelUse,
  byName: ReadonlyMap<string, ChartField>,
  zone: 'UTC' | 'local' | undefined,
  utc: Map<string, boolean>,
): void {
  const column = columnOf(definition, byName);
  if (column === undefined || (column.kind !== 'time' && definition.type !== 'temporal')) return;
  const isUtc = zone === undefined ? column.kind === 'time' : zone === 'UTC';
  utc.set(column.name, isUtc);
  if (!isUtc) return;
  const { timeUnit, scale } = definition;
  if (typeof timeUnit === 'string' && !timeUnit.startsWith('utc')) definition.timeUnit = `utc${timeUnit}`;
  if (definition.type !== 'temporal' && timeUnit === undefined) return;
  if (scale === undefined) definition.scale = { type: 'utc' };
  else if (isObject(scale) && scale.type === undefined) scale.type = 'utc';
}

/** Ticks between whole minutes with hour and minute, since the label of the minute may be out of sight. */
function giveClockLabels({ channel, definition }: ChannelUse): void {
  if ((channel !== 'x' && channel !== 'y') || definition.type !== 'temporal') return;
  if (definition.timeUnit !== undefined || definition.axis === null) return;
  const axis = isObject(definition.axis) ? definition.axis : {};
  if (axis.format !== undefined || axis.labelExpr !== undefined) return;
  definition.axis = { ...axis, format: { milliseconds: '%H:%M:%S.%L', seconds: '%H:%M:%S' } };
}

/**
 * Categories in the order of the rows. Vega has them in the order in which it met them first, ever; by the row number
 * they follow the frame.
 */
function keepOrderOfRows({ channel, definition }: ChannelUse): boolean {
  const discrete = definition.type === 'nominal' || definition.type === 'ordinal';
  if (definition.sort !== null || !discrete || !['x', 'y', ...panelChannels].includes(channel)) return false;
  definition.sort = { field: rowNumber, op: 'min' };
  return true;
}

function columnOf(definition: unknown, byName: ReadonlyMap<string, ChartField>): ChartField | undefined {
  if (!isObject(definition) || typeof definition.field !== 'string') return undefined;
  return byName.get(definition.field.replace(/\\(.)/g, '$1'));
}

function isContinuous(definition: unknown): definition is Json {
  return (
    isObject(definition) &&
    (definition.type === 'temporal' || definition.type === 'quantitative') &&
    isPlain(definition)
  );
}

function isPlain(definition: Json): boolean {
  return ['aggregate', 'bin', 'timeUnit'].every(
    (key) => definition[key] === undefined || definition[key] === null,
  );
}

function fieldsOfChannel(encoding: Json, channel: string): Json[] {
  return objectsOf(encoding[channel]).filter((definition) => typeof definition.field === 'string');
}

/**
 * Lines and areas along x need no sorting in the chart when their rows come sorted: the chart sorts numbers, and
 * only when they are not. Only where all of them run along the same column.
 */
function takeOutSorting(parts: SpecParts, byName: ReadonlyMap<string, ChartField>): string | undefined {
  const paths = parts.units.filter(({ mark }) => pathMarks.has(String(mark.type)));
  if (paths.length === 0 || parts.transforms.length > 0 || parts.repeated.length > 0) return undefined;
  let orderBy: string | undefined;
  for (const { mark, encoding } of paths) {
    const { x, y } = encoding;
    if (mark.orient !== undefined || encoding.order !== undefined || !isContinuous(x)) return undefined;
    if (!isObject(y) || (y.field !== undefined && (!isPlain(y) || y.type !== 'quantitative')))
      return undefined;
    if (isObject(y.impute) || isObject(x.impute)) return undefined;
    const grouping = groupChannels.flatMap((channel) => fieldsOfChannel(encoding, channel));
    if (!grouping.every(isPlain)) return undefined;
    // Stacking areas puts rows where a series has none, behind the others.
    if (mark.type === 'area' && grouping.length > 0 && y.stack !== null && y.stack !== false)
      return undefined;
    const column = columnOf(x, byName);
    if (column === undefined || (orderBy !== undefined && column.name !== orderBy)) return undefined;
    orderBy = column.name;
  }
  for (const { view, encoding } of paths) {
    view.encoding = { ...(isObject(view.encoding) ? view.encoding : {}), order: { value: null } };
    encoding.order = { value: null };
  }
  return orderBy;
}

/** A bar or area without a series has nothing to be stacked on. */
function takeOutStackOfOne({ mark, encoding }: UnitView): void {
  if (mark.type !== 'bar' && mark.type !== 'area') return;
  if (groupChannels.some((channel) => fieldsOfChannel(encoding, channel).length > 0)) return;
  for (const channel of ['x', 'y']) {
    const definition = encoding[channel];
    if (!isObject(definition) || definition.type === 'temporal' || definition.stack !== undefined) continue;
    if (definition.field !== undefined || definition.aggregate !== undefined) definition.stack = null;
  }
}

/** A line is one mark of many rows: what is under the pointer is not one of them. */
function giveTooltip({ mark, encoding }: UnitView): void {
  if (encoding.tooltip !== undefined || mark.tooltip !== undefined || pathMarks.has(String(mark.type)))
    return;
  mark.tooltip = { content: 'data' };
}

function groupsOf({ units, uses }: SpecParts): string[] {
  const groups = new Set<string>();
  const add = (definition: Json): void => {
    if (typeof definition.field === 'string') groups.add(definition.field.replace(/\\(.)/g, '$1'));
  };
  for (const { channel, definition } of uses) if (panelChannels.has(channel)) add(definition);
  for (const { mark, encoding } of units) {
    if (!pathMarks.has(String(mark.type))) continue;
    for (const channel of groupChannels) {
      for (const definition of fieldsOfChannel(encoding, channel)) {
        if (definition.aggregate === undefined) add(definition);
      }
    }
  }
  return [...groups];
}

function timeOf({ units }: SpecParts, byName: ReadonlyMap<string, ChartField>): string | undefined {
  for (const { encoding } of units) {
    const column = columnOf(encoding.x, byName);
    if (column === undefined) continue;
    if (column.kind === 'time' || (isObject(encoding.x) && encoding.x.type === 'temporal'))
      return column.name;
  }
  return undefined;
}
