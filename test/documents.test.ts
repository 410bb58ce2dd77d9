import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { moduleOf, promisedOutput, type Snippet, snippetsIn } from './support/snippets.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A snippet as a module of its own. */
interface Program extends Snippet {
  readonly document: string;
  readonly file: string;
  readonly text: string;
}

/** These are compiled, and not run: Node has no page. */
const needsPage = /millrace\/chart/;

function programsIn(document: string): Program[] {
  let setup = '';
  const programs: Program[] = [];
  for (const snippet of snippetsIn(readFileSync(join(root, document), 'utf8'))) {
    if (snippet.kind === 'sketch') continue;
    const text = moduleOf(snippet.kind === 'setup' ? '' : setup, snippet.code);
    if (snippet.kind === 'setup') setup = snippet.code;
    const file = `${document.replaceAll(/\W/g, '-')}-${snippet.line}.ts`;
    programs.push({ ...snippet, document, file, text });
  }
  return programs;
}

const programs = ['README.md', 'docs/dataframes.md', 'docs/coming-from-streamz.md'].flatMap(programsIn);
let folder = '';

beforeAll(() => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(join(root, '.cache/documents-'));
  for (const { file, text } of programs) writeFileSync(join(folder, file), text);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the compiler takes every snippet of the documents', { timeout: 300_000 }, () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const files = programs.map(({ file }) => join(folder, file));
  const program = ts.createProgram(files, { ...options, types: [], rewriteRelativeImportExtensions: false });
  // Of these alone: all else is checked with the project.
  const complaints = files.flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  expect(
    complaints.map(({ file, start, messageText }) => {
      const { line } = ts.getLineAndCharacterOfPosition(file!, start!);
      return `${file!.text.split('\n')[line]!.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    }),
  ).toEqual([]);
});

describe('every snippet runs, and prints what it says', () => {
  test.each(programs.filter(({ text }) => !needsPage.test(text)))(
    '$document: $title',
    async ({ file, text }) => {
      const printed: string[] = [];
      const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
        const texts = values.map((value) =>
          typeof value === 'string' ? value : inspect(value, { breakLength: Infinity, depth: 6 }),
        );
        printed.push(texts.join(' ').replaceAll(/\s/g, ''));
      });
      const table = vi.spyOn(console, 'table').mockImplementation(() => {});
      try {
        await import(/* @vite-ignore */ join(folder, file));
      } finally {
        log.mockRestore();
        table.mockRestore();
      }
      expect(printed).toEqual(promisedOutput(text));
    },
  );
});
