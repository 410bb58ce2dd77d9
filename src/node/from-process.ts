import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Duration, durationMs } from '../core/duration.ts';
import { quote, SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions, textOf } from '../sources/source.ts';
import { Stream } from '../stream.ts';
import { pathOf } from './file-errors.ts';
import type { FrameOptions } from './frame-options.ts';
import { Framing, type Part } from './framing.ts';

/** Options of `fromProcess`. `maxLine` is 16 MiB unless given. */
export interface ProcessOptions extends SourceOptions, FrameOptions {
  /**
   * Where the lines of its error output go: to `errors` (default), to the stream `stderr` of the source alone, among the
   * elements, or nowhere. They are on `stderr` in all cases but the last.
   */
  stderr?: 'errors' | 'stream' | 'merge' | 'ignore' | undefined;
  /** Folder it runs in. Default: that of this process. */
  cwd?: string | URL | undefined;
  /** Its whole environment. Default: that of this process. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** How long it may take to end when asked to (SIGTERM), before it is made to (SIGKILL). Default `'5s'`. */
  killAfter?: Duration | undefined;
}

/**
 * The lines that a program writes to its standard output, each with its newline; the last one as it is.
 *
 * The program is started when something listens, without a shell, and ended when nothing does any more; who comes back
 * starts it anew. It is read on when the work on its line is done, so that its pipe fills and it waits. The source
 * ends when the program does; an exit code other than 0, or a signal that nobody here sent, makes it fail with the last of its
 * error output in the text. A line over `maxLine` is reported and passed over.
 *
 * @throws `bad-option` for options that cannot be.
 */
export function fromProcess(
  command: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): ProcessSource {
  return new ProcessSource(new ProcessNode(command, args, options));
}

/** The lines of a program. */
export class ProcessSource extends Source<string> {
  readonly #process: ProcessNode;

  constructor(node: ProcessNode) {
    super(node);
    this.#process = node;
  }

  /** The lines of its error output, without their newlines. */
  get stderr(): Stream<string> {
    return this.#process.stderr;
  }
}

class ProcessNode extends SourceNode<string> {
  override readonly kind: string = 'fromProcess';
  readonly stderr: Stream<string>;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #options: ProcessOptions;
  readonly #framing: Framing;
  readonly #killMs: number;

  constructor(command: string, args: readonly string[], options: ProcessOptions) {
    super(options);
    const { clock, killAfter = '5s' } = options;
    this.#command = command;
    this.#args = args;
    this.#options = options;
    this.#framing = new Framing(options, 2 ** 24);
    this.#killMs = durationMs(killAfter, 'killAfter');
    this.stderr = new Stream<string>({ name: 'stderr', ...(clock === undefined ? {} : { clock }) });
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    const { stderr = 'errors', cwd, env } = this.#options;
    this.setState('connecting', 1);
    const child = spawn(this.#command, this.#args, {
      stdio: ['ignore', 'pipe', stderr === 'ignore' ? 'ignore' : 'pipe'],
      cwd: cwd === undefined ? undefined : pathOf(cwd),
      env: env === undefined ? undefined : { ...env },
    });
    const ended = endOf(child);
    child.once('spawn', () => {
      if (!signal.aborted) this.setState('live');
    });
    const stop = (): void => this.#kill(child);
    signal.addEventListener('abort', stop, { once: true });
    try {
      let last = '';
      const [ending] = await Promise.all([
        ended,
        this.#read(child, child.stdout, signal, (line) => this.deliver(line, signal)),
        this.#read(child, child.stderr, signal, (line) => {
          last = trimmed(line);
          return this.#hearError(line, signal);
        }),
      ]);
      if (!this.stopped(signal) && ending !== undefined) throw this.#failure(ending, last);
    } finally {
      signal.removeEventListener('abort', stop);
      if (child.exitCode === null && child.signalCode === null) this.#kill(child);
    }
  }

  #kill(child: ChildProcess): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill();
    const timer = this.clock.setTimer(this.#killMs, () => child.kill('SIGKILL'));
    child.once('exit', () => timer.cancel());
  }

  async #read(
    child: ChildProcess,
    output: Readable | null,
    signal: AbortSignal,
    give: (line: string) => unknown,
  ): Promise<void> {
    if (output === null) return;
    const framer = this.#framing.framer();
    const giveAll = async (parts: Iterable<Part>): Promise<void> => {
      for (const part of parts) {
        if (this.stopped(signal)) return;
        if (part.bytes === undefined) {
          this.report(this.#framing.tooLong(quote(this.#command), part));
        } else await give(this.#framing.textOf(part));
      }
    };
    try {
      for await (const chunk of output) {
        await giveAll(framer.push(chunk));
        if (this.stopped(signal)) return;
      }
    } catch (error) {
      // Its pipes have been closed, or there is no program.
      if (this.stopped(signal) || child.pid === undefined) return;
      throw error;
    }
    await giveAll(framer.end());
  }

  async #hearError(line: string, signal: AbortSignal): Promise<void> {
    const { stderr = 'errors' } = this.#options;
    const text = trimmed(line);
    if (stderr === 'merge') await this.deliver(line, signal);
    else if (stderr === 'errors') {
      this.report(new SourceError('source-failed', `${quote(this.#command)} wrote an error: ${text}`));
    }
    try {
      await this.stderr.emit(text);
    } catch (error) {
      this.report(new SourceError('user-code', `stderr: ${textOf(error)}`, { cause: error }));
    }
  }

  #failure({ code, killedBy, error }: Ending, lastError: string): SourceError {
    const what = quote(this.#command);
    if (error !== undefined) {
      return new SourceError('source-failed', `cannot start ${what}: ${textOf(error)}`, { cause: error });
    }
    const how = killedBy === undefined ? `ended with code ${code}` : `was ended by ${killedBy}`;
    return new SourceError('source-failed', `${what} ${how}${lastError === '' ? '' : `: ${lastError}`}`);
  }
}

/** How a program came to an end that is no good one. */
interface Ending {
  readonly code?: number;
  readonly killedBy?: string;
  readonly error?: Error;
}

/** Resolves when the program is over, with nothing where all went well. Never rejects. */
function endOf(child: ChildProcess): Promise<Ending | undefined> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ error });
    });
    child.once('exit', (code, killedBy) => {
      if (killedBy !== null) resolve({ killedBy });
      else resolve(code === 0 || code === null ? undefined : { code });
    });
  });
}

function trimmed(line: string): string {
  return line.replace(/\r?\n$/, '');
}
