import { sleep } from '../core/clock.ts';
import type { Duration } from '../core/duration.ts';
import type { SourceError } from '../errors.ts';
import { Source, SourceNode, type SourceOptions } from '../sources/source.ts';
import { fileError, isMissing, pathOf } from './file-errors.ts';
import { filesOf, type Glob, globOf } from './glob.ts';
import { pollMs } from './poll.ts';

/** Options of `fromFilenames`. */
export interface FilenamesOptions extends SourceOptions {
  /** Time between looks. Default `'100ms'`. */
  pollInterval?: Duration | undefined;
  /** Of a folder, the files of the folders in it, too. Default `false`. */
  recursive?: boolean | undefined;
  /** Where there is no such folder at first: the source fails (default), or waits until there is one. */
  missing?: 'error' | 'wait' | undefined;
}

/**
 * The paths of the files of a folder, or of those that match a pattern, and from then on of those that appear: sorted within
 * one look, each once.
 *
 * In a pattern `*` stands for any part of a name, `?` for one character, `**` for any number of folders. Names that begin
 * with a dot are left out unless the pattern has the dot. Only names count: a file that changes is not given again, one that
 * has gone at one look and is back at a later one is. A folder inside that cannot be read is reported once. Keeps the names
 * that there are.
 *
 * @throws `bad-option` for options that cannot be.
 */
export function fromFilenames(pathOrGlob: string | URL, options: FilenamesOptions = {}): Source<string> {
  return new Source(new FilenamesNode(pathOf(pathOrGlob), options));
}

class FilenamesNode extends SourceNode<string> {
  override readonly kind: string = 'fromFilenames';
  readonly #options: FilenamesOptions;
  readonly #glob: Glob;
  readonly #pollMs: number;
  /** The names given that were there at the last look. */
  #given = new Set<string>();
  /** The folders that could not be read at the last look. */
  #unread = new Set<string>();
  #found = false;

  constructor(path: string, options: FilenamesOptions) {
    super(options);
    this.#options = options;
    this.#glob = globOf(path, options.recursive ?? false);
    this.#pollMs = pollMs(options.pollInterval);
  }

  /** The names that need not be given again. */
  override saveState(): string[] {
    return [...this.#given];
  }

  override restoreState(state: readonly string[]): void {
    this.#given = new Set(state);
    this.#found = state.length > 0;
  }

  protected override async run(signal: AbortSignal): Promise<void> {
    for (let looks = 1; !this.stopped(signal); looks++) {
      const unread = new Map<string, SourceError>();
      const names = await this.#namesNow(looks, unread);
      if (this.stopped(signal)) return;
      for (const [folder, error] of unread) if (!this.#unread.has(folder)) this.report(error);
      this.#unread = new Set(unread.keys());
      this.#given = new Set(names.filter((name) => this.#given.has(name)));
      for (const name of names) {
        if (this.#given.has(name)) continue;
        const flow = this.deliver(name, signal);
        this.#given.add(name);
        await flow;
        if (this.stopped(signal)) return;
      }
      await sleep(this.clock, this.#pollMs, signal);
    }
  }

  async #namesNow(looks: number, unread: Map<string, SourceError>): Promise<string[]> {
    const { folder } = this.#glob;
    try {
      const names = await filesOf(this.#glob, (path, error) =>
        unread.set(path, fileError('read', path, error)),
      );
      this.#found = true;
      this.setState('live');
      return names;
    } catch (error) {
      const mayBeMissing = this.#found || this.#options.missing === 'wait';
      if (!isMissing(error) || !mayBeMissing) throw fileError('read', folder === '' ? '.' : folder, error);
      this.setState('waiting', looks, this.#pollMs);
      return [];
    }
  }
}
