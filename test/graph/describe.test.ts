import { describe, expect, test } from 'vitest';
import { describeGraph, type GraphDescription } from '../../src/graph/describe.ts';
import { Stream } from '../../src/stream.ts';

const inc = (x: number): number => x + 1;
const dec = (x: number): number => x - 1;

const labels = ({ nodes }: GraphDescription) => nodes.map(({ label }) => label);
const arrows = ({ nodes, edges }: GraphDescription) => {
  const labelOf = new Map(nodes.map(({ id, label }) => [id, label]));
  return edges.map(({ from, to, loop }) => `${labelOf.get(from)} ${loop ? '..' : '->'} ${labelOf.get(to)}`);
};

describe('describeGraph', () => {
  test('finds what is above and below, each node after those above it', () => {
    const source = new Stream<number>({ name: 'source' });
    const a = source.map(inc);
    const b = source.map(dec);
    a.sink(() => {}, { name: 'left' });
    b.sink(() => {}, { name: 'right' });
    a.union(b).sink(() => {}, { name: 'both' });
    expect(labels(describeGraph(b))).toEqual([
      'source',
      'map(inc)',
      'left',
      'map(dec)',
      'right',
      'union',
      'both',
    ]);
    expect(arrows(describeGraph(b))).toEqual([
      'source -> map(inc)',
      'source -> map(dec)',
      'map(inc) -> left',
      'map(inc) -> union',
      'map(dec) -> right',
      'map(dec) -> union',
      'union -> both',
    ]);
  });

  test('is the same from every node of a graph with one source', () => {
    const source = new Stream<number>();
    const a = source.map(inc);
    const b = a.map(dec).union(source);
    b.sink(() => {});
    for (const stream of [a, b]) expect(describeGraph(stream)).toEqual(describeGraph(source));
  });

  test('is plain data, with what each node is and holds back', () => {
    const source = new Stream<number>({ name: 'source' });
    source.filter((x) => x > 0, { onError: 'skip' }).sink(() => {}, { name: 'end' });
    const graph = describeGraph(source);
    expect(structuredClone(graph)).toEqual(graph);
    expect(graph.nodes[1]).toEqual({
      id: 'n1',
      kind: 'filter',
      label: 'filter',
      active: true,
      waiting: 0,
      dropped: 0,
    });
    expect(graph.edges[0]).toEqual({ from: 'n0', to: 'n1', order: 0, loop: false });
  });

  test('gives nodes with equal labels ids of their own', () => {
    const source = new Stream<number>();
    source
      .map(inc)
      .map(inc)
      .sink(() => {});
    const { nodes } = describeGraph(source);
    expect(nodes.filter(({ label }) => label === 'map(inc)').map(({ id }) => id)).toEqual(['n1', 'n2']);
  });

  test('gives connections in connection order, however branches come and go', () => {
    const source = new Stream<number>({ name: 'source' });
    const a = source.map(inc);
    const first = a.sink(() => {});
    source.map(dec).sink(() => {});
    first.dispose();
    a.sink(() => {});
    const { edges } = describeGraph(source);
    expect(edges.filter(({ from }) => from === 'n0')).toEqual([
      { from: 'n0', to: 'n1', order: 0, loop: false },
      { from: 'n0', to: 'n3', order: 1, loop: false },
    ]);
  });

  test('marks the connection that closes a loop', () => {
    const urls = new Stream<string>({ name: 'urls' });
    const links = urls.map((url) => url).filter(() => false, { name: 'links' });
    links.connect(urls);
    for (const stream of [urls, links]) {
      expect(arrows(describeGraph(stream))).toEqual(['urls -> map', 'map -> links', 'links .. urls']);
    }
    links.sink(() => {}, { name: 'end' });
    expect(arrows(describeGraph(links))).toEqual([
      'urls -> map',
      'map -> links',
      'links .. urls',
      'links -> end',
    ]);
  });

  test('says which nodes nothing needs', () => {
    const source = new Stream<number>();
    const b = source.map(inc);
    expect(describeGraph(b).nodes.map(({ active }) => active)).toEqual([false, false]);
    b.sink(() => {});
    expect(describeGraph(b).nodes.map(({ active }) => active)).toEqual([true, true, true]);
  });

  test('leaves out what was disposed of', () => {
    const source = new Stream<number>({ name: 'source' });
    const b = source.map(inc);
    b.sink(() => {}, { name: 'end' });
    source.dispose();
    expect(labels(describeGraph(b))).toEqual(['map(inc)', 'end']);
  });

  test('takes a chain of 20,000 nodes', () => {
    const source = new Stream<number>();
    let end: Stream<number> = source;
    for (let i = 0; i < 20_000; i++) end = end.map(inc);
    expect(describeGraph(end).nodes).toHaveLength(20_001);
  });
});
