import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FilenamesOptions, fromFilenames } from '../../src/node/from-filenames.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { collect, reaches } from '../sources/collect.ts';
import { looked, lookOnce, temporaryFolder } from './folder.ts';

/** A folder with the given empty files, watched by `pattern` below it. */
async function watching(files: readonly string[], pattern = '', options: FilenamesOptions = {}) {
  const folder = await temporaryFolder();
  const add = async (...names: string[]) => {
    for (const name of names) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), '');
    }
  };
  await add(...files);
  const clock = new VirtualClock();
  const source = fromFilenames(pattern === '' ? folder : `${folder}/${pattern}`, { clock, ...options });
  onTestFinished(() => source.dispose());
  const { values, errors } = collect(source);
  const names = () => values.splice(0).map((path) => path.slice(folder.length + 1));
  return { folder, clock, source, errors, names, add, look: () => lookOnce(clock) };
}

describe('fromFilenames', () => {
  test('gives the files of a folder, sorted, then those that appear', async () => {
    const { names, add, look, clock } = await watching(['b', 'a', '.hidden', 'folder/c']);
    await looked(clock);
    expect(names()).toEqual(['a', 'b']);
    await add('d', 'c');
    await look();
    expect(names()).toEqual(['c', 'd']);
    await look();
    expect(names()).toEqual([]);
  });

  test.each([
    ['*.csv', ['b.csv', 'c.csv']],
    ['?.csv', ['b.csv', 'c.csv']],
    ['b*', ['b.csv']],
    ['.*', ['.csv']],
    ['**', ['a.txt', 'b.csv', 'c.csv', 'x/d.csv', 'x/y/e.csv']],
    ['**/*.csv', ['b.csv', 'c.csv', 'x/d.csv', 'x/y/e.csv']],
    ['*/*.csv', ['x/d.csv']],
    ['x/**/*.csv', ['x/d.csv', 'x/y/e.csv']],
    ['**/y/*', ['x/y/e.csv']],
    ['x/*.(csv)', []],
  ])('matches %s', async (pattern, expected) => {
    const { names, clock } = await watching(
      ['a.txt', 'b.csv', 'c.csv', '.csv', 'x/d.csv', 'x/y/e.csv', '.x/f.csv'],
      pattern,
    );
    await looked(clock);
    expect(names()).toEqual(expected);
  });

  test('looks into the folders of a folder when told to', async () => {
    const { names, clock, add, look } = await watching(['a', 'x/b', 'x/y/c'], '', { recursive: true });
    await looked(clock);
    expect(names()).toEqual(['a', 'x/b', 'x/y/c']);
    await add('z/d');
    await look();
    expect(names()).toEqual(['z/d']);
  });

  test('gives a name again that had gone', async () => {
    const { folder, names, clock, add, look } = await watching(['a']);
    await looked(clock);
    await rm(join(folder, 'a'));
    await look();
    await add('a');
    await look();
    expect(names()).toEqual(['a', 'a']);
  });

  test('goes on with the names not yet given when it is started again', async () => {
    const { source, names, clock } = await watching(['a', 'b', 'c']);
    await new Promise<void>((resolve) => {
      source.sink((path) => {
        if (!path.endsWith('b')) return;
        source.stop();
        resolve();
      });
    });
    await reaches(source, 'idle');
    expect(names()).toEqual(['a', 'b']);
    source.start();
    await looked(clock);
    expect(names()).toEqual(['c']);
  });

  test('gives no name again when its graph is restored', async () => {
    const { folder, source, names, clock, add } = await watching(['a', 'b']);
    await looked(clock);
    const snapshot = structuredClone(source.graph.snapshot());
    source.dispose();
    await add('c');
    const later = new VirtualClock();
    const again = fromFilenames(folder, { clock: later });
    onTestFinished(() => again.dispose());
    const more = again.sinkToList();
    again.graph.restore(snapshot);
    await looked(later);
    expect(names()).toEqual(['a', 'b']);
    expect(more).toEqual([join(folder, 'c')]);
  });

  test('takes links for what they lead to, and is not led in circles', async () => {
    const { folder, names, add, look, clock } = await watching(['a'], '**');
    await looked(clock);
    names();
    await symlink('.', join(folder, 'round'));
    await symlink('a', join(folder, 'b'));
    await symlink('nowhere', join(folder, 'c'));
    await add('d');
    await look();
    expect(names()).toEqual(['b', 'd']);
  });

  test('fails where there is no such folder', async () => {
    const { source, errors } = await watching([], 'no/such/*');
    await source.done;
    expect(source.state.status).toBe('failed');
    expect(errors[0]!.message).toMatch(/^cannot read ".*\/no\/such": ENOENT/);
  });

  test('waits for the folder when told to', async () => {
    const { source, names, errors, add, look, clock } = await watching([], 'later', { missing: 'wait' });
    await looked(clock);
    expect(source.state.status).toBe('waiting');
    await add('later/a');
    await look();
    expect(names()).toEqual(['later/a']);
    expect(errors).toEqual([]);
  });
});
