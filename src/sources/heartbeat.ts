import type { Clock, Timer } from '../core/clock.ts';
import { type Duration, durationMs } from '../core/duration.ts';
import { quietly } from '../core/report.ts';
import { MillraceError } from '../errors.ts';

/** How to find out that a connection is dead though nobody has closed it. */
export interface HeartbeatOptions {
  /** How long nothing may come before the other side is asked. Default `'30s'`. */
  interval?: Duration | undefined;
  /** How long it may then take until something comes, whatever it is. Default `'10s'`. */
  timeout?: Duration | undefined;
  /** What is sent to ask. Default `'ping'`. */
  message?: string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | undefined;
  /** Asks in place of `message`; `heard` is for answers that are no messages, such as pong frames in Node. */
  ping?: ((socket: WebSocket, heard: () => void) => void) | undefined;
  /** Which messages are mere answers, and no data: this text, or those that the function says yes to. Default `'pong'`. */
  answer?: string | ((data: unknown) => boolean) | undefined;
}

/** Options of a heartbeat, read and checked. */
export interface HeartbeatTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly ping: (socket: WebSocket, heard: () => void) => void;
  readonly isAnswer: (data: unknown) => boolean;
}

/** @throws `bad-option` for durations that are none. */
export function heartbeatOf(options: HeartbeatOptions): HeartbeatTimes {
  const { message = 'ping', answer = 'pong' } = options;
  const intervalMs = durationMs(options.interval ?? '30s', 'interval of the heartbeat');
  if (!(intervalMs > 0)) {
    throw new MillraceError('bad-option', 'interval of the heartbeat must be above zero');
  }
  return {
    intervalMs,
    timeoutMs: durationMs(options.timeout ?? '10s', 'timeout of the heartbeat'),
    ping: options.ping ?? ((socket) => socket.send(message)),
    isAnswer: typeof answer === 'function' ? (data) => askQuietly(answer, data) : (data) => data === answer,
  };
}

/** The answer of a user's function; no where it throws, which is reported. */
function askQuietly(answer: (data: unknown) => boolean, data: unknown): boolean {
  let isAnswer = false;
  quietly(() => {
    isAnswer = answer(data);
  });
  return isAnswer;
}

/** What a heartbeat does for a connection. */
export interface HeartbeatCalls {
  /** Asks the other side for a sign of life. */
  readonly ask: () => void;
  /** Told once that there was none. */
  readonly dead: () => void;
}

/** Watches one open connection, with one timer at a time, however much comes. */
export class Heartbeat {
  readonly #times: HeartbeatTimes;
  readonly #calls: HeartbeatCalls;
  readonly #clock: Clock;
  #heardMs: number;
  /** Whether anything has come since it asked last. */
  #heard = false;
  #timer: Timer | undefined;

  constructor(times: HeartbeatTimes, calls: HeartbeatCalls, clock: Clock) {
    this.#times = times;
    this.#calls = calls;
    this.#clock = clock;
    this.#heardMs = clock.monotonic();
    this.#listen();
  }

  /** Says that something has come. */
  heard(): void {
    this.#heardMs = this.#clock.monotonic();
    this.#heard = true;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #listen(): void {
    const { intervalMs } = this.#times;
    const leftMs = intervalMs - (this.#clock.monotonic() - this.#heardMs);
    this.#timer = this.#clock.setTimer(leftMs, () => {
      if (this.#clock.monotonic() - this.#heardMs < intervalMs) this.#listen();
      else this.#ask();
    });
  }

  #ask(): void {
    this.#heard = false;
    this.#timer = this.#clock.setTimer(this.#times.timeoutMs, () => {
      if (this.#heard) this.#listen();
      else this.#calls.dead();
    });
    this.#calls.ask();
  }
}
