import { describe, expect, onTestFinished, test } from 'vitest';
import { fromProcess, type ProcessOptions } from '../../src/node/from-process.ts';
import { settle } from '../../src/testing/index.ts';
import { arrivals, collect, reaches } from '../sources/collect.ts';
import { temporaryFolder } from './folder.ts';

/** A program of Node. */
function running(program: string, options?: ProcessOptions) {
  const source = fromProcess(process.execPath, ['-e', program], options);
  onTestFinished(() => source.dispose());
  return source;
}

describe('fromProcess', () => {
  test('gives the lines of a program, the last as it is, and ends with it', async () => {
    const source = running("process.stdout.write('one\\nté\\nlast')");
    const { values, errors } = collect(source);
    await source.done;
    expect(values).toEqual(['one\n', 'té\n', 'last']);
    expect(errors).toEqual([]);
    expect(source.state.status).toBe('closed');
  });

  test('fails with the exit code and the last error line', async () => {
    const source = running("console.log('a'); console.error('it broke'); process.exitCode = 3");
    const { values, errors } = collect(source);
    const stderr = source.stderr.sinkToList();
    await source.done;
    const name = JSON.stringify(process.execPath);
    expect(source.state.status).toBe('failed');
    expect(values).toEqual(['a\n']);
    expect(errors.map(({ message }) => message)).toEqual([
      `${name} wrote an error: it broke`,
      `${name} ended with code 3: it broke`,
    ]);
    expect(stderr).toEqual(['it broke']);
  });

  test('fails when the program is killed', async () => {
    const source = running("process.kill(process.pid, 'SIGKILL')");
    const { errors } = collect(source);
    await source.done;
    expect(errors.map(({ message }) => message)).toEqual([
      `${JSON.stringify(process.execPath)} was ended by SIGKILL`,
    ]);
  });

  test('fails where there is no such program', async () => {
    const source = fromProcess('no-such-program', ['x']);
    const { errors } = collect(source);
    await source.done;
    expect(source.state.status).toBe('failed');
    expect(errors.map(({ message }) => message)).toEqual([
      'cannot start "no-such-program": spawn no-such-program ENOENT',
    ]);
  });

  test.each([
    ['stream', [], ['warning'], []],
    ['merge', ['warning\n'], ['warning'], []],
    ['ignore', [], [], []],
  ] as const)('puts error output where stderr: %j says', async (stderr, ...expected) => {
    const source = running("console.error('warning')", { stderr });
    const { values, errors } = collect(source);
    const lines = source.stderr.sinkToList();
    await source.done;
    expect([values, lines, errors]).toEqual(expected);
  });

  test('gives the program its folder and environment', async () => {
    const cwd = await temporaryFolder();
    const source = running('console.log(process.cwd(), process.env.MILL, process.env.PATH)', {
      cwd,
      env: { MILL: 'race' },
    });
    const { values } = collect(source);
    await source.done;
    expect(values).toEqual([`${cwd} race undefined\n`]);
  });

  test('reads no further while the work below is under way', async () => {
    // Writes more than any pipe holds, then says that it is through.
    const source = running(
      "const line = 'x'.repeat(1023) + '\\n'; const fs = require('fs');" +
        "for (let i = 0; i < 4096; i++) fs.writeSync(1, line); fs.writeSync(2, 'through\\n');",
      { stderr: 'stream' },
    );
    const through = source.stderr.sinkToList();
    let finish = (): void => {};
    let held = true;
    let count = 0;
    const started = new Promise<void>((begin) => {
      source.sink(() => {
        count++;
        if (!held) return;
        begin();
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      });
    });
    await started;
    for (let i = 0; i < 200; i++) await settle();
    expect([count, through]).toEqual([1, []]);
    held = false;
    finish();
    await source.done;
    expect([count, through]).toEqual([4096, ['through']]);
  });

  test('ends the program when nothing listens any more, and starts it anew', async () => {
    const source = running('console.log(process.pid); setInterval(() => {}, 1000)');
    const pids = source.sinkToList();
    await arrivals(source, 1);
    source.stop();
    await gone(Number(pids[0]));
    await reaches(source, 'idle');
    const again = arrivals(source, 1);
    source.start();
    await again;
    expect(pids).toHaveLength(2);
    source.dispose();
    await gone(Number(pids[1]));
  });

  test('kills a program that does not end when asked to', async () => {
    const source = running(
      "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)",
      { killAfter: '1ms' },
    );
    const pids = source.sinkToList();
    await arrivals(source, 1);
    source.dispose();
    await gone(Number(pids[0]));
  });

  test('passes over a line that is too long', async () => {
    const source = running("console.log('ok\\n' + 'x'.repeat(100) + '\\nfine')", { maxLine: 10 });
    const { values, errors } = collect(source);
    await source.done;
    expect(values).toEqual(['ok\n', 'fine\n']);
    expect(errors.map(({ code, position }) => [code, position])).toEqual([
      ['limit-exceeded', { row: 1, byte: 3 }],
    ]);
  });
});

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  while (true) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await settle();
  }
}
