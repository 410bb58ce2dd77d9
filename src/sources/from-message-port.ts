import { SourceError } from '../errors.ts';
import { type Listener, madeBy, type PushOptions, PushSource, PushSourceNode } from './push-source.ts';

/** Something that gets messages as events: a `MessagePort`, a `Worker`, a window, the inside of a worker. */
export interface MessageTarget {
  addEventListener(type: string, listener: (event: MessageEvent) => void): void;
  removeEventListener(type: string, listener: (event: MessageEvent) => void): void;
  /** Lets the messages of a port flow. */
  start?(): void;
}

/** Something that gets messages as Node's workers do. */
export interface MessageEmitter {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
}

/** Options of sources of messages. */
export interface MessageOptions extends PushOptions {
  /** Which messages are meant, judged by the event: where from, for example. Windows get messages of anybody. */
  accept?: ((event: MessageEvent) => boolean) | undefined;
}

/**
 * The data of the messages that come through a port, a worker, a window, or to the worker itself (`self`).
 *
 * Listens, and starts the port, when something listens; messages that come while nothing does are missed,
 * once the port has been started. Ends when the other side of a port closes it, where the platform says so. A message
 * that cannot be read here is reported as `bad-message`. Elements wait in a bounded queue while asynchronous work
 * is busy.
 */
export function fromMessagePort<T = unknown>(
  port: MessageTarget | MessageEmitter,
  options: MessageOptions = {},
): PushSource<T> {
  return new PushSource(new MessageNode<T>('fromMessagePort', () => ({ target: port }), options));
}

/**
 * The data of the messages of a broadcast channel, which all pages and workers of an origin share by name.
 *
 * Given a name, it has a channel of its own, open while something listens, which also gets what other
 * channels of the same page post. A channel that is given stays open and does not get what it posts itself. A message
 * that cannot be read here is reported as `bad-message`. Elements wait in a bounded queue while asynchronous work
 * is busy.
 */
export function fromBroadcastChannel<T = unknown>(
  channel: string | (typeof BroadcastChannel)['prototype'],
  options: MessageOptions = {},
): PushSource<T> {
  const open = (): Opened => {
    if (typeof channel !== 'string') return { target: channel };
    const own = new BroadcastChannel(channel);
    return { target: own, close: () => own.close() };
  };
  return new PushSource(new MessageNode<T>('fromBroadcastChannel', open, options));
}

interface Opened {
  readonly target: MessageTarget | MessageEmitter;
  readonly close?: () => void;
}

class MessageNode<T> extends PushSourceNode<T> {
  override readonly kind: string;
  readonly #open: () => Opened;
  readonly #accept: ((event: MessageEvent) => boolean) | undefined;
  #messages = 0;

  constructor(kind: string, open: () => Opened, options: MessageOptions) {
    super(options);
    this.kind = kind;
    this.#open = open;
    this.#accept = options.accept;
  }

  protected override listen({ push, end }: Listener<T>): () => void {
    const { target, close } = this.#open();
    const message = (event: MessageEvent): void => {
      this.#messages++;
      const accept = this.#accept;
      const accepted = madeBy(
        'accept',
        () => accept?.(event) ?? true,
        (error) => this.report(error),
      );
      if (accepted?.value) push(event.data as T);
    };
    const bad = (): void => {
      const position = { message: this.#messages++ };
      this.report(new SourceError('bad-message', 'message cannot be read here', { position }));
    };
    const closed = (): void => end();
    const forget =
      'addEventListener' in target
        ? hear(target, { message, messageerror: bad, close: closed })
        : hearEmitter(target, {
            message: (data) => message({ data } as MessageEvent),
            messageerror: bad,
            exit: closed,
          });
    this.setState('live');
    return () => {
      forget();
      close?.();
    };
  }
}

function hear(
  target: MessageTarget,
  listeners: Readonly<Record<string, (event: MessageEvent) => void>>,
): () => void {
  for (const [type, listener] of Object.entries(listeners)) target.addEventListener(type, listener);
  target.start?.();
  return () => {
    for (const [type, listener] of Object.entries(listeners)) target.removeEventListener(type, listener);
  };
}

function hearEmitter(
  target: MessageEmitter,
  listeners: Readonly<Record<string, (value: unknown) => void>>,
): () => void {
  for (const [type, listener] of Object.entries(listeners)) target.on(type, listener);
  return () => {
    for (const [type, listener] of Object.entries(listeners)) target.off(type, listener);
  };
}
