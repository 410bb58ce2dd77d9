import { describe, expect, test } from 'vitest';
import { float64, StreamingDataFrame, schema } from '../../src/index.ts';
import { Stream } from '../../src/stream.ts';

const inc = (x: number): number => x + 1;

function fork(): Stream<number> {
  const source = new Stream<number>({ name: 'source' });
  source.map(inc).sink(() => {}, { name: 'a "b" \\n' });
  source.filter(Boolean, { name: 'some\nlines' }).sink(() => {}, { name: '#35; <b>&`x`' });
  return source;
}

describe('toDot', () => {
  test('writes nodes with kind and label, and the order of connections', () => {
    expect(fork().toDot()).toBe(`digraph {
  rankdir=LR
  node [shape=box, style=rounded]
  n0 [label="source\\nstream"]
  n1 [label="map(inc)"]
  n2 [label="a \\"b\\" \\\\n\\nsink"]
  n3 [label="some\\nlines\\nfilter"]
  n4 [label="#35; <b>&\`x\`\\nsink"]
  n0 -> n1 [label="0"]
  n0 -> n3 [label="1"]
  n1 -> n2
  n3 -> n4
}
`);
  });

  test('runs from top to bottom where asked to', () => {
    expect(fork().toDot({ rankdir: 'TB' })).toContain('rankdir=TB');
  });

  test('dashes loops and dots what nothing needs', () => {
    const urls = new Stream<string>({ name: 'urls' });
    const links = urls.map((url) => url, { name: 'links' });
    links.connect(urls);
    expect(links.toDot()).toContain('n1 -> n0 [style=dashed, constraint=false]');
    expect(links.toDot()).toContain('n1 [label="links\\nmap", style="rounded,dotted"]');
  });

  test('refuses other directions', () => {
    expect(() => fork().toDot({ rankdir: 'RL' as never })).toThrow(`rankdir must be 'LR' or 'TB', got "RL"`);
  });
});

describe('toMermaid', () => {
  test('writes the same graph, its labels without markup', () => {
    expect(fork().toMermaid({ rankdir: 'TB' })).toBe(`flowchart TB
  n0("source<br>stream")
  n1("map(inc)")
  n2("a #34;b#34; #92;n<br>sink")
  n3("some lines<br>filter")
  n4("#35;35#59; #60;b#62;#38;#96;x#96;<br>sink")
  n0 -->|0| n1
  n0 -->|1| n3
  n1 --> n2
  n3 --> n4
`);
  });

  test('dashes loops and what nothing needs', () => {
    const urls = new Stream<string>({ name: 'urls' });
    const links = urls.map((url) => url, { name: 'links' });
    links.connect(urls);
    expect(links.toMermaid()).toBe(`flowchart LR
  n0("urls<br>stream"):::inactive
  n1("links<br>map"):::inactive
  n0 --> n1
  n1 -.-> n0
  classDef inactive stroke-dasharray: 2 3
`);
  });
});

describe('the graph of a frame', () => {
  test('can be written from the frame and from a result', () => {
    const df = new StreamingDataFrame({ schema: schema({ x: float64 }) });
    const sum = df.x.sum();
    for (const live of [df, sum]) expect(live.toDot()).toMatch(/frame.* -> /s);
    expect(sum.toMermaid()).toContain('sum(x)');
  });
});

describe('visualize', () => {
  test('names what there is instead where there is no page', () => {
    expect(() => fork().visualize()).toThrow(
      expect.objectContaining({
        code: 'not-available',
        message:
          'visualize draws into a page, and there is none here; toDot() and toMermaid() give the graph as text',
      }),
    );
  });

  test('refuses options that are none', () => {
    expect(() => fork().visualize({ rankdir: 'up' as never })).toThrow('rankdir');
    expect(() => fork().visualize({ live: '0s' })).toThrow('live of visualize must be above zero');
  });
});
