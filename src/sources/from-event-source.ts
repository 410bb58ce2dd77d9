import { quote, SourceError } from '../errors.ts';
import { notJson, type ServerSentEvent } from '../formats/event-stream.ts';
import { type Listener, type PushOptions, PushSource, PushSourceNode } from './push-source.ts';
import { addressOf } from './source.ts';

/** Options of `fromEventSource`. */
export interface EventSourceOptions extends PushOptions {
  /** Types of events to listen for. Default `['message']`, which is what events without a type are. */
  types?: readonly string[] | undefined;
  /** Parse the data of each event as JSON. Default `false`. */
  json?: boolean | undefined;
  /** Send cookies to another origin. Default `false`. */
  withCredentials?: boolean | undefined;
  /** Stands in for the global `EventSource`. */
  eventSource?: (new (url: string, options?: EventSourceInit) => EventSource) | undefined;
}

/**
 * The events of the platform's own `EventSource`, which connects again by itself, with the last id, as the server's
 * `retry:` says; meanwhile the state is `connecting`, its `attempt` counting on. Where the platform gives up (any
 * status but 200, another content type) the source fails.
 *
 * Prefer `fromServerSentEvents`, which can be slowed down, sends headers, and waits for servers that are busy. Here
 * elements wait in a bounded queue while asynchronous work below is busy. Connected while something listens.
 */
export function fromEventSource<D = unknown>(
  url: string | URL,
  options: EventSourceOptions & { json: true },
): PushSource<ServerSentEvent<D>>;
export function fromEventSource(url: string | URL, options?: EventSourceOptions): PushSource<ServerSentEvent>;
export function fromEventSource<D>(
  url: string | URL,
  options: EventSourceOptions = {},
): PushSource<ServerSentEvent<D>> {
  return new PushSource(new EventSourceNode<D>(String(url), options));
}

class EventSourceNode<D> extends PushSourceNode<ServerSentEvent<D>> {
  override readonly kind: string = 'fromEventSource';
  readonly #url: string;
  readonly #options: EventSourceOptions;
  #events = 0;

  constructor(url: string, options: EventSourceOptions) {
    super(options);
    this.#url = url;
    this.#options = options;
  }

  protected override listen({ push, end }: Listener<ServerSentEvent<D>>): () => void {
    const { types = ['message'], withCredentials = false } = this.#options;
    let attempt = 1;
    this.setState('connecting', attempt);
    const source = this.#open(withCredentials);
    source.addEventListener('open', () => {
      attempt = 0;
      this.setState('live');
    });
    source.addEventListener('error', () => {
      const position = { message: this.#events };
      if (source.readyState === 2) {
        end(
          new SourceError('source-failed', `${addressOf(this.#url)}: the platform has given up`, {
            position,
          }),
        );
        return;
      }
      if (this.state.status === 'live') {
        this.report(
          new SourceError('source-failed', `${addressOf(this.#url)}: connection lost`, { position }),
        );
      }
      this.setState('connecting', ++attempt);
    });
    const heard = ({ type, data, lastEventId }: MessageEvent<string>): void => {
      const event = this.#read(type, data, lastEventId);
      if (event !== undefined) push(event);
    };
    for (const type of types) source.addEventListener(type, heard);
    return () => source.close();
  }

  #open(withCredentials: boolean): EventSource {
    const Platform = this.#options.eventSource ?? (globalThis.EventSource as typeof EventSource | undefined);
    if (Platform === undefined) {
      throw new SourceError('not-available', 'this platform has no EventSource; use fromServerSentEvents');
    }
    try {
      return new Platform(this.#url, { withCredentials });
    } catch (cause) {
      throw new SourceError('bad-option', `cannot connect to ${quote(addressOf(this.#url))}`, { cause });
    }
  }

  #read(type: string, data: string, id: string): ServerSentEvent<D> | undefined {
    const message = this.#events++;
    if (!this.#options.json) return { type, data: data as D, id };
    try {
      return { type, data: JSON.parse(data) as D, id };
    } catch (cause) {
      this.report(notJson(data, message, cause));
      return undefined;
    }
  }
}
