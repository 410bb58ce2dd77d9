import { optionsOf } from '../core/check.ts';
import { GraphError } from '../errors.ts';
import type { GraphDescription, GraphNode } from './describe.ts';

/** Which way a picture runs: left to right or top to bottom. */
export type Rankdir = 'LR' | 'TB';

/** Options of `toDot` and `toMermaid`. */
export interface GraphTextOptions {
  /** Which way the picture runs. Default `'LR'`. */
  rankdir?: Rankdir | undefined;
}

/**
 * The graph in the language of Graphviz. Connections of a node with several carry the order in which they get an
 * element, loops are dashed, nodes that nothing needs are dotted.
 *
 * @throws `bad-option` for a `rankdir` that is none.
 */
export function toDot(graph: GraphDescription, options: GraphTextOptions = {}): string {
  const { rankdir } = optionsOf(options, ['rankdir'], 'toDot');
  const lines = [`rankdir=${checkedRankdir(rankdir) ?? 'LR'}`, 'node [shape=box, style=rounded]'];
  for (const node of graph.nodes) {
    const style = node.active ? '' : ', style="rounded,dotted"';
    lines.push(`${node.id} [label=${quoted(captionOf(node).join('\n'))}${style}]`);
  }
  for (const { from, to, label, loop } of labelledEdges(graph)) {
    const attributes = [
      ...(label === '' ? [] : [`label="${label}"`]),
      ...(loop ? ['style=dashed', 'constraint=false'] : []),
    ];
    lines.push(`${from} -> ${to}${attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`}`);
  }
  return `digraph {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

/**
 * The graph as a flowchart of Mermaid, drawn as `toDot` says.
 *
 * @throws `bad-option` for a `rankdir` that is none.
 */
export function toMermaid(graph: GraphDescription, options: GraphTextOptions = {}): string {
  const { rankdir } = optionsOf(options, ['rankdir'], 'toMermaid');
  const lines = graph.nodes.map(
    (node) =>
      `${node.id}("${captionOf(node).map(entities).join('<br>')}")${node.active ? '' : ':::inactive'}`,
  );
  for (const { from, to, label, loop } of labelledEdges(graph)) {
    lines.push(`${from} ${loop ? '-.->' : '-->'}${label === '' ? '' : `|${label}|`} ${to}`);
  }
  if (graph.nodes.some((node) => !node.active)) lines.push('classDef inactive stroke-dasharray: 2 3');
  return `flowchart ${checkedRankdir(rankdir) ?? 'LR'}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Label and, where that does not begin with it, kind of a node. */
export function captionOf({ label, kind }: GraphNode): string[] {
  return label === kind || label.startsWith(`${kind}(`) ? [label] : [label, kind];
}

/** @throws `bad-option` for what is neither `'LR'` nor `'TB'` nor nothing. */
export function checkedRankdir(rankdir: Rankdir | undefined): Rankdir | undefined {
  if (rankdir === undefined || rankdir === 'LR' || rankdir === 'TB') return rankdir;
  throw new GraphError('bad-option', `rankdir must be 'LR' or 'TB', got ${JSON.stringify(rankdir)}`);
}

/** The edges with their number, where a node has several. */
function labelledEdges({
  edges,
}: GraphDescription): { from: string; to: string; label: string; loop: boolean }[] {
  const forks = new Set(edges.filter(({ order }) => order > 0).map(({ from }) => from));
  return edges.map(({ from, to, order, loop }) => ({
    from,
    to,
    label: forks.has(from) ? String(order) : '',
    loop,
  }));
}

/** A quoted string of DOT, where a backslash begins an escape. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\r\n?|\n/g, '\\n')}"`;
}

/** Text in which nothing is markup to Mermaid: its entities are written `#34;`. */
function entities(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/["#&<>`;*_\\]/g, (sign) => `#${sign.charCodeAt(0)};`);
}
