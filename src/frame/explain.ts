import type { Field } from 'apache-arrow';
import type { AggregationDefinition } from '../aggregate/aggregation.ts';
import { typeName } from '../columnar/type-name.ts';
import { describe, type ExprTree, partsOf, type RunningTree } from '../expr/tree.ts';
import type { AggregateItem, EveryColumn, GroupKeys } from './aggregate-request.ts';
import { type DraftNode, DraftWriter } from './plan.ts';
import type { FrameRoot } from './state.ts';
import { exprsOf, type NamedExpr, type Step, stepLabel } from './steps.ts';
import { type WindowRequest, windowLabel } from './window-request.ts';

/** What a part of a plan does, what its emissions mean, and what it keeps. */
interface Line {
  readonly number: number;
  readonly kind: string;
  readonly what: string;
  readonly keeps: string;
}

/**
 * A plan in words, a line for each part: its number, what an emission means (`append`, `snapshot`, `value`), what is done,
 * with the parts it is made of in front, and what it keeps in memory. What stands in one line is one pass over a
 * batch.
 */
export function explained(write: (writer: DraftWriter) => number): string {
  const draft = new DraftWriter();
  write(draft);
  const kinds: string[] = [];
  const lines = draft.nodes.map((node, i): Line => {
    const kind = kindOf(node, kinds, draft.sources);
    kinds.push(kind);
    return { number: i, kind, what: whatOf(node, draft.sources), keeps: keeps(node).join('; ') };
  });
  const width = (of: (line: Line) => string): number => Math.max(...lines.map((line) => of(line).length));
  const kindWidth = width(({ kind }) => kind);
  const whatWidth = Math.min(
    72,
    width(({ what }) => what),
  );
  const numberWidth = width(({ number }) => `#${number}`);
  return lines
    .map(({ number, kind, what, keeps: kept }) => {
      const head = `${`#${number}`.padEnd(numberWidth)}  ${kind.padEnd(kindWidth)}  ${what.padEnd(whatWidth)}`;
      return `${head}  keeps ${kept === '' ? 'nothing' : kept}`;
    })
    .join('\n');
}

function kindOf(node: DraftNode, before: readonly string[], sources: readonly FrameRoot[]): string {
  const inherited = (): string => before[(Array.isArray(node.of) ? node.of[0] : node.of) as number]!;
  switch (node.op) {
    case 'source':
      return sources[node.source as number]!.kind;
    case 'frame':
    case 'call':
    case 'column':
      return inherited();
    case 'union':
      return 'append';
    case 'frameOf':
      return before[(node.columns as readonly { readonly of: number }[])[0]!.of]!;
    case 'aggregate':
    case 'userAggregate':
      return node.as === 'groups' ? 'snapshot' : 'value';
    case 'valueCounts':
    case 'top':
    case 'rows':
      return 'snapshot';
    case 'compute':
      return inherited() === 'value' ? 'value' : 'snapshot';
    default:
      return 'value';
  }
}

function whatOf(node: DraftNode, sources: readonly FrameRoot[]): string {
  const of = (Array.isArray(node.of) ? node.of : [node.of]).filter((input) => input !== undefined);
  const inputs = of.length === 0 ? '' : `${of.map((input) => `#${input as number}`).join(', ')} › `;
  return inputs + own(node, sources);
}

function own(node: DraftNode, sources: readonly FrameRoot[]): string {
  switch (node.op) {
    case 'source':
      return sourceText(sources[node.source as number]!);
    case 'frame':
      return (node.steps as readonly Step[]).map(stepLabel).join(' › ') || 'the same';
    case 'aggregate':
      return [...scopeTexts(node), itemsText(node.items as readonly AggregateItem[] | EveryColumn)].join(
        ' › ',
      );
    case 'userAggregate': {
      const { input, aggregation } = node as unknown as {
        readonly input?: NamedExpr;
        readonly aggregation: object;
      };
      const { name } = aggregation.constructor;
      const called = name === 'Object' ? 'an aggregation' : name;
      return [...scopeTexts(node), `aggregate(${[called, input?.name].filter(Boolean).join(', ')})`].join(
        ' › ',
      );
    }
    case 'valueCounts':
      return [...scopeTexts(node), `${describe(node.expr as ExprTree)}.valueCounts()`].join(' › ');
    case 'top': {
      const verb = node.greatest === true ? 'nlargest' : 'nsmallest';
      return [...scopeTexts(node), `${verb}(${String(node.n)}, ${describe(node.by as ExprTree)})`].join(
        ' › ',
      );
    }
    case 'rows':
    case 'content':
      return [...scopeTexts(node), String(node.label)].join(' › ');
    case 'call':
      return `${String(node.method)}(${(node.args as readonly unknown[]).map(argumentText).join(', ')})`;
    case 'frameOf': {
      const columns = node.columns as readonly (NamedExpr & { readonly of: number })[];
      return `frameOf(${columns.map(({ name, of, expr }) => `${name}: #${of} ${describe(expr)}`).join(', ')})`;
    }
    case 'compute':
      return node.number === undefined
        ? String(node.method)
        : `${String(node.method)}(${String(node.number)})`;
    case 'map':
      return `map(${(node.fn as { readonly name: string }).name || 'a function'})`;
    case 'round':
      return `round(${String(node.decimals)})`;
    case 'column':
      return [...scopeTexts(node), describe(node.expr as ExprTree)].join(' › ');
    default:
      return node.op;
  }
}

function sourceText({ node, time, schema }: FrameRoot): string {
  const name = node.upstreams[0]?.label ?? node.label;
  const fields = schema()?.fields;
  const columns = fields === undefined ? 'columns not known yet' : columnsText(fields);
  return `${name} (${columns})${time === undefined ? '' : `, time key ${time}`}`;
}

function columnsText(fields: readonly Field[]): string {
  const shown = fields.slice(0, 8).map(({ name, type }) => `${name}: ${typeName(type)}`);
  return fields.length > shown.length
    ? `${shown.join(', ')}, and ${fields.length - shown.length} more`
    : shown.join(', ');
}

function argumentText(argument: unknown): string {
  if (typeof argument === 'function') return argument.name || 'a function';
  return typeof argument === 'string' ? argument : typeof argument === 'object' ? '…' : String(argument);
}

function scopeTexts({ window, perKey, groups }: DraftNode): string[] {
  const windowed = window === undefined ? [] : [windowLabel(window as WindowRequest)];
  const by =
    groups === undefined
      ? []
      : [`groupby(${(groups as GroupKeys).keys.map(({ expr }) => describe(expr)).join(', ')})`];
  return perKey === true ? [...by, ...windowed] : [...windowed, ...by];
}

function itemsText(items: readonly AggregateItem[] | EveryColumn): string {
  if ('definition' in items) return `${items.definition.name} of every column`;
  return items
    .map(({ name, definition, exprs, where }) => {
      const text = `${definition.name}(${exprs.map(describe).join(', ')})`;
      const named =
        name === definition.name || exprs.some((expr) => expr.op === 'column' && expr.name === name);
      return `${named ? '' : `${name}: `}${text}${where === undefined ? '' : ` where ${describe(where)}`}`;
    })
    .join(', ');
}

/** Aggregations without a window that hold every different value they have seen. */
const exact = new Set(['median', 'quantile', 'nunique', 'mode']);

function keeps(node: DraftNode): string[] {
  switch (node.op) {
    case 'frame':
      return (node.steps as readonly Step[]).flatMap((step) => exprsOf(step).flatMap(runningKeeps));
    case 'column':
      return runningKeeps(node.expr as ExprTree);
    case 'aggregate':
      return [...scopeKeeps(node), ...itemsKeep(node)];
    case 'userAggregate':
      return node.window === undefined
        ? [...scopeKeeps(node), 'the state of the aggregation']
        : scopeKeeps(node);
    case 'valueCounts':
      return node.window === undefined
        ? ['a count for every different value, without limit']
        : scopeKeeps(node);
    case 'top':
      if (node.window !== undefined) return scopeKeeps(node);
      return [`${String(node.n)} rows${node.groups === undefined ? '' : ' of each group, without limit'}`];
    case 'rows':
    case 'content':
      return node.window === undefined ? ['all rows, without limit'] : scopeKeeps(node);
    case 'call':
      return node.method === 'accumulatePartitions' ? ['the state of the function'] : [];
    case 'compute':
      return ['the newest results of both sides'];
    default:
      return [];
  }
}

/** The rows in view of a window, and the groups. */
function scopeKeeps({ window, perKey, groups }: DraftNode): string[] {
  const { limits } = (groups ?? {}) as Partial<GroupKeys>;
  if (window !== undefined) {
    const rows = windowRows(window as WindowRequest);
    if (perKey === true) return [`${rows} of each group; the groups stay, without limit`];
    return groups === undefined ? [rows] : [`${rows}, and the groups that have one in view`];
  }
  if (groups === undefined) return [];
  const { maxGroups, ttl } = limits ?? {};
  const most = maxGroups === undefined ? [] : [`at most ${maxGroups}`];
  const fresh = ttl === undefined ? [] : [`those updated in the last ${ttl}`];
  const which = [...most, ...fresh];
  return [
    which.length > 0
      ? `groups: ${which.join(', ')}`
      : 'every group there has been, without limit (maxGroups and ttl set one)',
  ];
}

function windowRows(window: WindowRequest): string {
  if ('n' in window) return `the last ${window.n} rows`;
  const { value, live } = window;
  const range = typeof value === 'string' ? value : `${String(value)} of ${window.on ?? 'its key'}`;
  return `the rows of the last ${range}${live === undefined || live === false ? '' : ', which leave by the clock too'}`;
}

function itemsKeep({ items, window, groups }: DraftNode): string[] {
  const { definition } = items as Partial<EveryColumn>;
  const all: readonly AggregationDefinition[] =
    definition === undefined
      ? (items as readonly AggregateItem[]).map((item) => item.definition)
      : [definition];
  if (window !== undefined) return [];
  const holding = [...new Set(all.map(({ name }) => name).filter((name) => exact.has(name)))];
  const held = holding.map((name) => `every different value for ${name}, without limit`);
  const few = all.some(({ name }) => !exact.has(name)) ? ['a few numbers per result'] : [];
  return groups === undefined ? [...few, ...held] : held;
}

/** What the running expressions in an expression keep. */
function runningKeeps(tree: ExprTree): string[] {
  const inner = partsOf(tree).flatMap(runningKeeps);
  return tree.op === 'running' ? [...inner, runningKeep(tree)] : inner;
}

function runningKeep({ fn, by, options }: RunningTree): string {
  const each = by === undefined ? '' : ' of each group; the groups stay, without limit';
  const {
    window,
    n = 1,
    aggregation,
    within,
  } = options as {
    readonly window?: WindowRequest;
    readonly n?: number;
    readonly aggregation?: string;
    readonly within?: unknown;
  };
  if (window !== undefined) return `${windowRows(window)}${each}`;
  if (fn === 'expanding' && exact.has(aggregation ?? '')) return `all values${each}, without limit`;
  if (['shift', 'diff', 'pctChange'].includes(fn)) return `the last ${n} row(s)${each}`;
  if (fn === 'firstSeen') return `the keys of ${String(within)}`;
  return `a few numbers${each}`;
}
