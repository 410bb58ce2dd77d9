import { describe, expect, test } from 'vitest';
import { type Drawable, FrameScheduler, type Page } from '../../src/chart/scheduler.ts';

/** A page whose frames and time are driven by hand. */
class FakePage implements Page {
  hidden = false;
  reducedMotion = false;
  time = 0;
  frames: ((time: number) => void)[] = [];
  timers: { at: number; run: () => void }[] = [];
  listeners = new Set<() => void>();

  now(): number {
    return this.time;
  }

  requestFrame(run: (time: number) => void): number {
    return this.frames.push(run);
  }

  cancelFrame(): void {
    this.frames = [];
  }

  setTimer(delayMs: number, run: () => void): { cancel(): void } {
    const timer = { at: this.time + delayMs, run };
    this.timers.push(timer);
    return { cancel: () => void this.timers.splice(this.timers.indexOf(timer), 1) };
  }

  onVisibility(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  setHidden(hidden: boolean): void {
    this.hidden = hidden;
    for (const listener of this.listeners) listener();
  }

  async frame(): Promise<void> {
    this.time += 16;
    for (const run of this.frames.splice(0)) run(this.time);
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.run();
    }
    for (let i = 0; i < 50; i++) await Promise.resolve();
  }
}

class Picture implements Drawable {
  visible = true;
  drawn = 0;
  readonly #page: FakePage;
  readonly #cost: number;

  constructor(page: FakePage, cost = 0) {
    this.#page = page;
    this.#cost = cost;
  }

  draw(): Promise<void> {
    this.drawn++;
    this.#page.time += this.#cost;
    return Promise.resolve();
  }
}

const start = (): { page: FakePage; scheduler: FrameScheduler } => {
  const page = new FakePage();
  return { page, scheduler: new FrameScheduler(page) };
};

describe('FrameScheduler', () => {
  test('draws once per frame what was asked for many times', async () => {
    const { page, scheduler } = start();
    const picture = new Picture(page);
    scheduler.join(picture);
    for (let i = 0; i < 100; i++) scheduler.request(picture);
    expect(picture.drawn).toBe(0);
    await page.frame();
    expect(picture.drawn).toBe(1);
    await page.frame();
    expect(picture.drawn).toBe(1);
    expect(page.frames).toEqual([]);
  });

  test('asks for no frame while the page is hidden, and draws once when it is back', async () => {
    const { page, scheduler } = start();
    const picture = new Picture(page);
    scheduler.join(picture);
    scheduler.request(picture);
    page.setHidden(true);
    expect(page.frames).toEqual([]);
    for (let i = 0; i < 100; i++) scheduler.request(picture);
    await page.frame();
    expect(picture.drawn).toBe(0);
    page.setHidden(false);
    await page.frame();
    await page.frame();
    expect(picture.drawn).toBe(1);
  });

  test('leaves out what cannot be seen, until it can', async () => {
    const { page, scheduler } = start();
    const [seen, unseen] = [new Picture(page), new Picture(page)];
    unseen.visible = false;
    for (const picture of [unseen, seen]) {
      scheduler.join(picture);
      scheduler.request(picture);
    }
    await page.frame();
    expect([seen.drawn, unseen.drawn]).toEqual([1, 0]);
    expect(page.frames).toEqual([]);
    unseen.visible = true;
    scheduler.renew();
    await page.frame();
    expect([seen.drawn, unseen.drawn]).toEqual([1, 1]);
  });

  test('takes turns when a frame is not enough for all', async () => {
    const { page, scheduler } = start();
    const pictures = Array.from({ length: 6 }, () => new Picture(page, 5));
    for (const picture of pictures) scheduler.join(picture);
    for (let i = 0; i < 30; i++) {
      for (const picture of pictures) scheduler.request(picture);
      await page.frame();
    }
    expect(pictures.map(({ drawn }) => drawn)).toEqual([10, 10, 10, 10, 10, 10]);
  });

  test('draws twice a second where less motion is asked for', async () => {
    const { page, scheduler } = start();
    page.reducedMotion = true;
    const picture = new Picture(page);
    scheduler.join(picture);
    for (let i = 0; i < 125; i++) {
      scheduler.request(picture);
      await page.frame();
    }
    expect(page.time).toBe(2000);
    expect(picture.drawn).toBe(4);
    expect(page.timers.length).toBeLessThanOrEqual(1);
  });

  test('lets go of the page with the last picture', () => {
    const { page, scheduler } = start();
    const pictures = [new Picture(page), new Picture(page)];
    for (const picture of pictures) {
      scheduler.join(picture);
      scheduler.request(picture);
    }
    for (const picture of pictures) scheduler.leave(picture);
    expect([page.listeners.size, page.frames.length, page.timers.length]).toEqual([0, 0, 0]);
  });
});
