import { optionsOf } from '../core/check.ts';
import type { Duration } from '../core/duration.ts';
import { reportUnheard } from '../core/report.ts';
import { intervalMs } from '../core/ticks.ts';
import { GraphError } from '../errors.ts';
import type { HasNode } from './describe.ts';
import { checkedRankdir, type Rankdir } from './text.ts';

/** Options of `visualize`. */
export interface VisualizeOptions {
  /**
   * Which way the picture runs. Default: left to right, or top to bottom where that fits better into the width there
   * is when it is drawn.
   */
  rankdir?: Rankdir | undefined;
  /** Show elements per second, waiting elements and errors of each node, read so often. Default `false`. */
  live?: Duration | false | undefined;
  /** Stops the figures when aborted; the picture stays. */
  signal?: AbortSignal | undefined;
}

/** The element of a picture: `SVGSVGElement`, for programs that know the DOM. */
export type GraphPicture = typeof globalThis extends { SVGSVGElement: { prototype: infer E } } ? E : never;

/**
 * An SVG element, at once, with `aria-busy` until the graph is drawn in it: the layout is loaded when first used.
 *
 * Its texts and lines have the colour of the text around it. Live figures begin when the element is in the document
 * and end for good when it is taken out of it, one interval later at most.
 *
 * @throws `not-available` where there is no document, `bad-option` for options that are none.
 */
export function visualize(graph: HasNode, options: VisualizeOptions = {}): GraphPicture {
  const { rankdir, live = false, signal } = optionsOf(options, ['rankdir', 'live', 'signal'], 'visualize');
  const checked = {
    rankdir: checkedRankdir(rankdir),
    intervalMs: live === false ? undefined : intervalMs(live, 'live of visualize'),
    signal,
  };
  if (typeof document === 'undefined') {
    throw new GraphError(
      'not-available',
      'visualize draws into a page, and there is none here; toDot() and toMermaid() give the graph as text',
    );
  }
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-busy', 'true');
  svg.style.maxWidth = '100%';
  Promise.all([import('./svg.ts'), import('@dagrejs/dagre')])
    .then(([{ show }, dagre]) => show(svg, graph.node, dagre, checked))
    .catch((cause: unknown) => {
      svg.removeAttribute('aria-busy');
      reportUnheard(new GraphError('not-available', 'cannot draw the graph', { cause }));
    });
  return svg as GraphPicture;
}
