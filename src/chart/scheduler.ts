import type { Timer } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import { reportUnheard } from '../core/report.ts';

/** Something that is drawn at most once per animation frame. */
export interface Drawable {
  /** Whether anybody can see it. */
  readonly visible: boolean;
  /** Draws the newest state; the promise ends when it is on the screen. */
  draw(): void | Promise<void>;
}

/** What the scheduler needs of a page. */
export interface Page {
  readonly hidden: boolean;
  /** Whether the user asked for less motion. */
  readonly reducedMotion: boolean;
  now(): number;
  requestFrame(run: (time: number) => void): number;
  cancelFrame(handle: number): void;
  setTimer(delayMs: number, run: () => void): Timer;
  /** Calls `changed` whenever `hidden` changes; the result ends it. */
  onVisibility(changed: () => void): () => void;
}

/** Time for all charts of a page in one frame; those it does not reach come first in the next. */
const budgetMs = 8;
/** Between two drawings of a chart for who asked for less motion. */
const calmMs = 500;

/**
 * Draws all charts of a page: each at most once per animation frame, with its newest state, and only where it can be
 * seen. A hidden page or chart costs nothing and has nothing to catch up with.
 *
 * When drawing takes longer than 8 ms in a frame, the rest waits for the next, in turn, so charts get slower
 * together instead of blocking the page.
 */
export class FrameScheduler {
  readonly #page: Page;
  /** In the order in which their turn comes. */
  readonly #waiting = new Set<Drawable>();
  readonly #members = new Set<Drawable>();
  readonly #drawnAt = new WeakMap<Drawable, number>();
  #frame: number | undefined;
  #timer: Timer | undefined;
  #running = false;
  #stopListening: (() => void) | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  join(drawable: Drawable): void {
    this.#members.add(drawable);
    this.#stopListening ??= this.#page.onVisibility(() => this.renew());
  }

  leave(drawable: Drawable): void {
    this.#members.delete(drawable);
    this.#waiting.delete(drawable);
    if (this.#members.size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stop();
  }

  /** Has `drawable` drawn in the next frame in which it can be seen. */
  request(drawable: Drawable): void {
    this.#waiting.add(drawable);
    this.renew();
  }

  /** To be called when something became visible. */
  renew(): void {
    if (this.#page.hidden) {
      this.#stop();
      return;
    }
    if (this.#running || this.#frame !== undefined) return;
    let wait = Number.POSITIVE_INFINITY;
    for (const drawable of this.#waiting) {
      if (drawable.visible) wait = Math.min(wait, this.#waitOf(drawable));
    }
    if (wait === Number.POSITIVE_INFINITY) return;
    if (wait <= 0) {
      this.#frame = this.#page.requestFrame(() => {
        this.#frame = undefined;
        void this.#drawAll(); // reports failures itself
      });
    } else {
      this.#timer ??= this.#page.setTimer(wait, () => {
        this.#timer = undefined;
        this.renew();
      });
    }
  }

  #waitOf(drawable: Drawable): number {
    if (!this.#page.reducedMotion) return 0;
    const drawnAt = this.#drawnAt.get(drawable);
    return drawnAt === undefined ? 0 : drawnAt + calmMs - this.#page.now();
  }

  async #drawAll(): Promise<void> {
    const page = this.#page;
    if (page.hidden) return;
    this.#running = true;
    const start = page.now();
    for (const drawable of [...this.#waiting]) {
      if (!drawable.visible || this.#waitOf(drawable) > 0) continue;
      this.#waiting.delete(drawable);
      this.#drawnAt.set(drawable, start);
      try {
        const drawing = drawable.draw();
        if (drawing !== undefined) await drawing;
      } catch (error) {
        reportUnheard(error);
      }
      if (page.now() - start > budgetMs) break;
    }
    this.#running = false;
    this.renew();
  }

  #stop(): void {
    if (this.#frame !== undefined) this.#page.cancelFrame(this.#frame);
    this.#timer?.cancel();
    this.#frame = undefined;
    this.#timer = undefined;
  }
}

const schedulers = new WeakMap<Document, FrameScheduler>();

/** The one scheduler of a document. */
export function schedulerOf(document: Document): FrameScheduler {
  let scheduler = schedulers.get(document);
  if (scheduler === undefined) {
    scheduler = new FrameScheduler(pageOf(document));
    schedulers.set(document, scheduler);
  }
  return scheduler;
}

function pageOf(document: Document): Page {
  const window = document.defaultView ?? globalThis.window;
  const motion = window.matchMedia('(prefers-reduced-motion: reduce)');
  return {
    get hidden() {
      return document.hidden;
    },
    get reducedMotion() {
      return motion.matches;
    },
    now: () => systemClock.monotonic(),
    requestFrame: (run) => window.requestAnimationFrame(run),
    cancelFrame: (handle) => window.cancelAnimationFrame(handle),
    setTimer: (delayMs, run) => systemClock.setTimer(delayMs, run),
    onVisibility(changed) {
      document.addEventListener('visibilitychange', changed);
      return () => document.removeEventListener('visibilitychange', changed);
    },
  };
}
