import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromTextFile, type TextFileOptions } from '../../src/node/from-text-file.ts';
import { settle, VirtualClock } from '../../src/testing/index.ts';
import { collect, reaches } from '../sources/collect.ts';
import { Later } from '../sources/later.ts';
import { looked, lookOnce, temporaryFolder } from './folder.ts';

/** A file that is followed. `text` of `undefined` makes none. */
async function following(text: string | undefined, options: TextFileOptions = {}) {
  const path = join(await temporaryFolder(), 'log.txt');
  if (text !== undefined) await writeFile(path, text);
  const clock = new VirtualClock();
  const source = fromTextFile(path, { clock, ...options });
  onTestFinished(() => source.dispose());
  const { values, errors } = collect(source);
  const look = () => lookOnce(clock);
  return {
    path,
    clock,
    source,
    values,
    errors,
    look,
    add: (more: string | Uint8Array) => appendFile(path, more),
  };
}

describe('fromTextFile', () => {
  test('gives what the file holds, then what is added, each line with its newline', async () => {
    const { values, add, look } = await following('one\ntwo\nthr');
    await look();
    expect(values).toEqual(['one\n', 'two\n']);
    await add('ee\nfour');
    await look();
    await look();
    await add('\n');
    await look();
    expect(values).toEqual(['one\n', 'two\n', 'three\n', 'four\n']);
  });

  test('looks once per pollInterval', async () => {
    const { values, add, clock } = await following('', { pollInterval: '1h' });
    await looked(clock);
    await add('a\n');
    await clock.advance('59min');
    expect(values).toEqual([]);
    await lookOnce(clock, '1min');
    expect(values).toEqual(['a\n']);
  });

  test('begins at the end with fromEnd', async () => {
    const { values, add, look } = await following('old\nold', { fromEnd: true });
    await look();
    await add('er\nnew\n');
    await look();
    expect(values).toEqual(['er\n', 'new\n']);
  });

  test('puts together characters that are cut between two writes', async () => {
    const { values, add, look } = await following('');
    for (const byte of Buffer.from('é漢😀\n')) {
      await add(Uint8Array.of(byte));
      await look();
    }
    expect(values).toEqual(['é漢😀\n']);
  });

  test('without follow ends at the end, with a last line that has no delimiter', async () => {
    const { source, values, errors } = await following('a,b,c', {
      follow: false,
      delimiter: ',',
      keepDelimiter: false,
    });
    await source.done;
    expect(values).toEqual(['a', 'b', 'c']);
    expect(errors).toEqual([]);
    expect(source.state.status).toBe('closed');
  });

  test('reads a large file in order, one line at a time, as fast as the work below', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 50)}\n`);
    const { path } = await following(lines.join(''), { start: false });
    const source = fromTextFile(pathToFileURL(path), { follow: false });
    const seen: string[] = [];
    let working = 0;
    source.sink(async (line) => {
      expect(working++).toBe(0);
      if (seen.push(line) % 100 === 0) await settle();
      working--;
    });
    await source.done;
    expect(seen).toEqual(lines);
  });

  test('goes on after the last line given when it is stopped and started again', async () => {
    const { source, values, add, look } = await following('a\nb\nc\nd');
    source.sink((line) => {
      if (line === 'b\n') source.stop();
    });
    while (source.state.status !== 'idle' || values.length < 2) await settle();
    expect(values).toEqual(['a\n', 'b\n']);
    await add('e\n');
    source.start();
    await look();
    expect(values).toEqual(['a\n', 'b\n', 'c\n', 'de\n']);
  });

  test('goes on after the last line given when its graph is restored', async () => {
    const { path, source, values, add, look } = await following('old\n', { fromEnd: true });
    await look();
    await add('a\nb');
    await look();
    const snapshot = structuredClone(source.graph.snapshot());
    source.dispose();
    await add('c\nd\n');
    const clock = new VirtualClock();
    const again = fromTextFile(path, { clock, fromEnd: true });
    onTestFinished(() => again.dispose());
    const more = again.sinkToList();
    again.graph.restore(snapshot);
    await looked(clock);
    expect([values, more]).toEqual([['a\n'], ['bc\n', 'd\n']]);
  });

  test('acknowledges the byte after each line when all up to there is done, in order', async () => {
    const acks: number[] = [];
    const path = join(await temporaryFolder(), 'log.txt');
    await writeFile(path, 'é\nbb\nccc\nrest');
    const source = fromTextFile(path, { follow: false, ack: (byte) => acks.push(byte) });
    const later = new Later<string>();
    source.node.connect(later);
    await source.done;
    expect(later.values).toEqual(['é\n', 'bb\n', 'ccc\n', 'rest']);
    later.done(1);
    later.done(2);
    expect(acks).toEqual([]);
    later.done(0);
    expect(acks).toEqual([10]);
    later.done(3);
    expect(acks).toEqual([10, 14]);
  });

  test('loses nothing when it is killed in the middle of its work and begun anew where it was', async () => {
    const path = join(await temporaryFolder(), 'log.txt');
    const lines = Array.from({ length: 50 }, (_, i) => `line ${i}\n`);
    await writeFile(path, lines.slice(0, 30).join(''));
    const stored: string[] = [];
    let position: number | undefined;
    for (let life = 0; life < 4; life++) {
      let alive = true;
      let calls = 0;
      const source = fromTextFile(path, {
        follow: life < 3,
        startAt: position,
        clock: new VirtualClock(),
        ack: (byte) => {
          if (alive) position = byte;
        },
      });
      const killed = new Promise<void>((kill) => {
        source
          .mapAsync(
            async (line) => {
              const call = calls++;
              for (let i = 0; i < 3 - (call % 3); i++) await settle();
              if (life < 3 && call > 8 + life) return new Promise<string>(() => kill());
              return line;
            },
            { parallelism: 4, ordered: false },
          )
          .sink((line) => {
            if (alive) stored.push(line);
          });
      });
      await (life < 3 ? killed : source.done);
      if (life === 3) while (position !== lines.join('').length) await settle();
      alive = false;
      source.dispose();
      if (life === 2) await appendFile(path, lines.slice(30).join(''));
    }
    expect(new Set(stored)).toEqual(new Set(lines));
    expect(stored.length).toBeLessThan(2 * lines.length);
  });

  test('gives lines again that failed when it is started anew with ack, and none that are being worked on', async () => {
    const acks: number[] = [];
    const { source, look } = await following('a\nb\nc\nd\n', { ack: (byte) => acks.push(byte) });
    const later = new Later<string>();
    source.node.connect(later);
    await look();
    later.done(0);
    later.fail(2);
    expect(acks).toEqual([2]);
    source.stop();
    await reaches(source, 'idle');
    source.start();
    await look();
    expect(later.values).toEqual(['a\n', 'b\n', 'c\n', 'd\n', 'c\n', 'd\n']);
    later.done(5);
    later.done(1);
    expect(acks).toEqual([2, 4]);
    later.done(4);
    expect(acks).toEqual([2, 4, 8]);
  });

  test('does not take lines of a file that took the place of another, or was cut, for those before', async () => {
    const acks: number[] = [];
    const { source, path, look } = await following('a\nb\n', { ack: (byte) => acks.push(byte) });
    const later = new Later<string>();
    source.node.connect(later);
    await look();
    await rename(path, `${path}.1`);
    await writeFile(path, 'c\n');
    await look();
    later.done(2);
    expect(acks).toEqual([]);
    later.done(0);
    later.done(1);
    expect(acks).toEqual([2, 2]);
    await truncate(path, 0);
    await look();
    await appendFile(path, 'd\n');
    await look();
    source.stop();
    await reaches(source, 'idle');
    source.start();
    await look();
    expect(later.values).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
    later.done(3);
    expect(acks).toEqual([2, 2, 2]);
  });

  test('begins at startAt, whatever fromEnd says, and anew where the file is shorter', async () => {
    const { values, look, add } = await following('a\nb\nc\n', { startAt: 2, fromEnd: true });
    await look();
    await add('d\n');
    await look();
    expect(values).toEqual(['b\n', 'c\n', 'd\n']);
    const shorter = await following('a\n', { startAt: 4 });
    await shorter.look();
    expect(shorter.values).toEqual(['a\n']);
    expect(shorter.errors[0]?.message).toMatch(/became shorter, from 4 bytes to 2/);
  });

  test('refuses a startAt that is no place in a file', () => {
    for (const startAt of [-1, 1.5, Number.NaN]) {
      expect(() => fromTextFile('log.txt', { startAt })).toThrow(
        `startAt must be a number of bytes, whole and from 0, got ${startAt}`,
      );
    }
  });

  test('says what is missed when the file was replaced while nobody read it', async () => {
    const { path, source, values, errors, clock, look } = await following('a\n');
    await look();
    source.stop();
    while (clock.timers > 0 || source.state.status !== 'idle') await settle();
    await rename(path, `${path}.1`);
    await writeFile(path, 'b\n');
    source.start();
    await look();
    expect(values).toEqual(['a\n', 'b\n']);
    expect(errors.map(({ message, position }) => [message, position])).toEqual([
      [
        `${path} was replaced while nobody read it; what the old file held from byte 2 on is missed`,
        { byte: 2 },
      ],
    ]);
  });

  test('reports a file that became shorter, and reads it anew', async () => {
    const { path, values, errors, add, look } = await following('one\ntwo\nrest');
    await look();
    await truncate(path, 0);
    await add('new\n');
    await look();
    await add('er\n');
    await look();
    expect(values).toEqual(['one\n', 'two\n', 'new\n', 'er\n']);
    expect(errors.map(({ code, message, position }) => [code, message, position])).toEqual([
      [
        'source-failed',
        `${path} became shorter, from 12 bytes to 4; it is read anew from its start`,
        { byte: 12 },
      ],
    ]);
  });

  test('finishes a file that was rotated away, then reads the new one from its start', async () => {
    const { path, values, errors, add, look } = await following('a\n', { fromEnd: false });
    await look();
    await add('b\n');
    await rename(path, `${path}.1`);
    await look();
    expect(values).toEqual(['a\n', 'b\n']);
    await appendFile(`${path}.1`, 'c\nlast');
    await writeFile(path, 'd\n');
    await look();
    expect(values).toEqual(['a\n', 'b\n', 'c\n', 'last', 'd\n']);
    await rm(path);
    await look();
    await writeFile(path, 'e\n');
    await look();
    expect(values.slice(5)).toEqual(['e\n']);
    expect(errors).toEqual([]);
  });

  test('fails where there is no file', async () => {
    const { path, source, errors } = await following(undefined);
    await source.done;
    expect(source.state.status).toBe('failed');
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'source-failed',
        `cannot read ${JSON.stringify(path)}: ENOENT: no such file or directory, stat '${path}'`,
      ],
    ]);
  });

  test('waits for the file when told to, and reads it from its start', async () => {
    const { source, values, errors, add, look } = await following(undefined, {
      missing: 'wait',
      fromEnd: true,
    });
    await look();
    expect(source.state).toMatchObject({ status: 'waiting', retryMs: 100 });
    await add('first\n');
    await look();
    expect(source.state.status).toBe('live');
    expect(values).toEqual(['first\n']);
    expect(errors).toEqual([]);
  });

  test('passes over a line that is too long, and says where it is', async () => {
    const { path, values, errors, look } = await following(`ok\n${'x'.repeat(100)}\nfine\n`, { maxLine: 10 });
    await look();
    expect(values).toEqual(['ok\n', 'fine\n']);
    expect(errors.map(({ code, message, position }) => [code, message, position])).toEqual([
      [
        'limit-exceeded',
        `line 1 of ${path} is longer than 10 bytes (maxLine); it is passed over`,
        { row: 1, byte: 3 },
      ],
    ]);
  });

  test('fails on what is no file', async () => {
    const source = fromTextFile(await temporaryFolder());
    const { errors } = collect(source);
    await source.done;
    expect(errors[0]!.message).toContain('EISDIR');
    expect(errors[0]!.position).toEqual({ byte: 0 });
  });

  test('closes the file when nothing listens any more', async () => {
    const { source, look, clock } = await following('a\n');
    await look();
    source.dispose();
    await source.done;
    await settle();
    expect(clock.timers).toBe(0);
  });

  test('refuses a pollInterval of zero', () => {
    expect(() => fromTextFile('x', { pollInterval: '0s' })).toThrow(
      "pollInterval must be above zero, got '0s'",
    );
  });
});
