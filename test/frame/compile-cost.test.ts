import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program over a frame of 200 columns in a chain of 30 steps. */
const program = (): string => {
  const types = ['float64', 'int32', 'int64', 'utf8', 'bool'];
  const columns = Array.from({ length: 200 }, (_, i) => `c${i}: ${types[i % types.length]}`);
  const steps = [
    (i: number) => `.filter((r) => r.c${5 * i}.gt(${i}).and(r.c${5 * i + 4}))`,
    (i: number) =>
      `.assign({ a${i}: (r) => r.c${5 * i}.add(r.c${5 * i + 1}), b${i}: (r) => r.c${5 * i + 2}.mul(2n) })`,
    (i: number) => `.filter((r) => r.a${i - 1}.lt(100).or(r.c${5 * i + 3}.eq('x')))`,
    (i: number) =>
      `.assign({ s${i}: (r) => r.c${5 * i + 3}.str.upper().str.slice(0, 3), w${i}: (r) => when(r.c${5 * i + 4}).then(r.c${5 * i}).otherwise(0), k${i}: (r) => r.c${5 * i + 1}.cast(int64).fillNull(0n) })`,
    (i: number) => `.rename({ c${5 * i}: 'd${i}' })`,
    (i: number) => `.drop('c${5 * i + 3}')`,
  ];
  const chain = Array.from({ length: 30 }, (_, i) => `  ${steps[i % steps.length]!(i)}`);
  return [
    `import { bool, float64, int32, int64, schema, StreamingDataFrame, utf8, when } from ${JSON.stringify(join(root, 'src/index.ts'))};`,
    `const df = new StreamingDataFrame({ schema: schema({ ${columns.join(', ')} }) });`,
    `const end = df\n${chain.join('\n')};`,
    'const total: number | undefined = end.a1.sum().current;',
    'const cases: number | undefined = end.w3.sum().current;',
    "const byName = end.window('2h').groupby('c8', 'c9').agg({ total: ['b1', 'sum'], d4: 'mean' });",
    'const sum: bigint | undefined = byName.total.sum().current;',
    '// @ts-expect-error a misspelt column',
    'end.a111;',
    'export { sum, total };',
  ].join('\n');
};

test('200 columns in a chain of 30 steps stay cheap to check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
  const instantiations = (text: string): number => {
    writeFileSync(join(folder, 'program.ts'), text);
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/@typescript/native/bin/tsc'), '-p', folder, '--extendedDiagnostics'],
      { encoding: 'utf8' },
    );
    expect(stdout).not.toContain('error TS');
    return Number(/^Instantiations:\s+(\d+)/m.exec(stdout)![1]);
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { types: [], rewriteRelativeImportExtensions: false },
      include: [],
      files: ['program.ts'],
    }),
  );
  const library = instantiations(`export * from ${JSON.stringify(join(root, 'src/index.ts'))};`);
  const used = instantiations(program()) - library;
  expect(used).toBeLessThan(400_000);
  rmSync(folder, { recursive: true, force: true });
}, 240_000);
