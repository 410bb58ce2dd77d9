import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { partOf, rankOf, violations } from './support/architecture.ts';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts'));

describe('src', () => {
  test('has a rank for every folder and top-level file', () => {
    const parts = new Set(files.map(partOf));
    expect([...parts].filter((part) => rankOf(part) < 0)).toEqual([]);
    expect(parts.size).toBeGreaterThan(2);
  });

  test('keeps its import rule, its buffers and the DOM in their places', () => {
    expect(files.flatMap((file) => violations(file, readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });
});

describe('the rules', () => {
  const cases: [path: string, text: string, complaint: string][] = [
    ['core/x.ts', "import { a } from '../frame/a.ts';", 'frame ranks above core'],
    ['core/x.ts', "export * from '../columnar/a.ts';", 'core and columnar are neighbours'],
    ['window/x.ts', "import type { A } from '../aggregate/a.ts';", 'window and aggregate are neighbours'],
    ['core/x.ts', "type A = import('../stream.ts').Stream;", 'frame ranks above core'],
    [
      'worker/x.ts',
      "new Worker(new URL('../chart/x.js', import.meta.url));",
      'worker and chart are neighbours',
    ],
    ['core/x.ts', "import '../odd/a.ts';", 'has no rank'],
    ['odd/x.ts', '', 'has no rank'],
    ['core/x.ts', "import './a';", 'without its ending'],
    ['core/x.ts', "import '../../test/a.ts';", 'outside of src'],
    ['sources/x.ts', "import { readFile } from 'node:fs';", 'no dependency'],
    ['node/x.ts', "import ws from 'ws';", 'no dependency'],
    ['index.ts', "export * from './node/index.ts';", 'no other part may need Node'],
    ['sources/x.ts', "await import('vega');", 'no dependency'],
    ['chart/x.ts', "import embed from 'vega-embed';", 'loaded when first used'],
    ['graph/x.ts', "import { layout } from '@dagrejs/dagre';", 'loaded when first used'],
    ['core/x.ts', "await import('@dagrejs/dagre');", 'no dependency'],
    ['chart/x.ts', 'await import(name);', 'a computed name'],
    ['node/x.ts', 'await import(name);', 'a computed name'],
    ['frame/x.ts', "import { Data } from 'apache-arrow';", 'buffers belong'],
    ['frame/x.ts', "import { type Data as D } from 'apache-arrow';", 'buffers belong'],
    ['frame/x.ts', 'batch.data.nullBitmap;', 'buffers belong'],
    ['frame/x.ts', 'const { nullBitmap } = data;', 'buffers belong'],
    ['sources/x.ts', 'document.title;', 'the DOM belongs'],
    ['sources/x.ts', 'globalThis.document;', 'the DOM belongs'],
    ['sources/x.ts', 'let a: HTMLCanvasElement;', 'the DOM belongs'],
    ['graph/x.ts', 'document.title;', 'the DOM belongs'],
    ['core/x.ts', "eval('1');", 'makes code from text'],
    ['core/x.ts', "new Function('return 1');", 'makes code from text'],
    ['core/x.ts', "globalThis.Function('return 1');", 'makes code from text'],
    ['columnar/x.ts', "import { makeBuilder } from 'apache-arrow';", 'makes code from text'],
    ['formats/x.ts', "import { vectorFromArray } from 'apache-arrow';", 'makes code from text'],
    ['core/x.ts', 'let a: any[];', 'says any'],
  ];

  test.each(cases)('refuse in %s: %s', (path, text, complaint) => {
    expect(violations(path, text)).toEqual([expect.stringContaining(complaint)]);
  });

  test.each([
    ['frame/x.ts', "import { a } from '../window/a.ts'; import { b } from './b.ts'; import '../errors.ts';"],
    ['node/x.ts', "import { readFile } from 'node:fs'; import '../sources/source.ts';"],
    ['formats/x.ts', "import { Data } from 'apache-arrow'; data.nullBitmap;"],
    ['chart/x.ts', "import type { View } from 'vega'; const vega = await import('vega'); document.body;"],
    ['node/load-plugins.ts', 'await import(name);'],
    ['graph/svg.ts', "type Dagre = typeof import('@dagrejs/dagre'); document.body;"],
    ['core/x.ts', "/** Not any document; no eval('x'). */ const text = 'document'; node.document;"],
    ['core/x.ts', 'let f: Function; class A { eval(): void {} }'],
  ])('allow in %s: %s', (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});
