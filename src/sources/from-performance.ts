import { quote, SourceError } from '../errors.ts';
import { type Listener, type PushOptions, PushSource, PushSourceNode } from './push-source.ts';

/** Options of `fromPerformance`. */
export interface PerformanceOptions extends PushOptions {
  /** Also give the entries that the platform has kept from before. Default `false`. */
  buffered?: boolean | undefined;
}

/**
 * What the platform measures about itself (`PerformanceObserver`): entries of the given types, such as
 * `'longtask'`, `'resource'`, `'event'`, `'mark'`, as they come.
 *
 * Observes while something listens. Types that the platform does not know are reported, and where it knows none of them
 * the source fails with `not-available`. Entries that the platform could not keep count as dropped.
 */
export function fromPerformance(
  entryTypes: string | readonly string[],
  options: PerformanceOptions = {},
): PushSource<Entry> {
  const types = typeof entryTypes === 'string' ? [entryTypes] : [...entryTypes];
  return new PushSource(new PerformanceNode(types, options));
}

/** Written so that it exists with types of Node alone, too. */
type Entry = (typeof PerformanceEntry)['prototype'];

class PerformanceNode extends PushSourceNode<Entry> {
  override readonly kind: string = 'fromPerformance';
  readonly #types: readonly string[];
  readonly #buffered: boolean;

  constructor(types: readonly string[], options: PerformanceOptions) {
    super(options);
    this.#types = types;
    this.#buffered = options.buffered ?? false;
  }

  protected override listen({ push }: Listener<Entry>): () => void {
    const types = this.#knownTypes();
    // The third argument is there at the first call only.
    const heard = (
      list: PerformanceObserverEntryList,
      _: unknown,
      lost?: { droppedEntriesCount?: number },
    ): void => {
      this.drop(lost?.droppedEntriesCount ?? 0);
      for (const entry of list.getEntries()) push(entry);
    };
    const observer = new PerformanceObserver(heard as PerformanceObserverCallback);
    for (const type of types) observer.observe({ type, buffered: this.#buffered });
    this.setState('live');
    return () => observer.disconnect();
  }

  #knownTypes(): readonly string[] {
    const supported = globalThis.PerformanceObserver?.supportedEntryTypes ?? [];
    const known = this.#types.filter((type) => supported.includes(type));
    const unknown = this.#types.filter((type) => !supported.includes(type)).map(quote);
    if (unknown.length === 0) return known;
    const text = `this platform does not measure ${unknown.join(', ')}; it measures ${supported.join(', ') || 'nothing'}`;
    const error = new SourceError('not-available', text);
    if (known.length === 0) throw error;
    this.report(error);
    return known;
  }
}
