import type { SourceState } from 'millrace';
import { formats } from './format.ts';
import { highlighted } from './highlight.ts';

/** Tiles that change more often cannot be read. */
const tilesMs = 200;

export interface PanelOptions {
  /** Time without rows after which the panel says so. */
  readonly staleMs?: number;
}

/** One section of the page: its tiles, its state, its code. */
export class Panel {
  readonly #section: HTMLElement;
  readonly #staleMs: number;
  readonly #tiles = new Map<string, Tile>();
  readonly #trouble: HTMLElement;
  readonly #status: HTMLElement;
  #state: SourceState['status'] | 'missing' | undefined;
  #retryAt = 0;
  #heardAt: number | undefined;
  #troubledAt = Number.NEGATIVE_INFINITY;

  constructor(id: string, { staleMs = 3000 }: PanelOptions = {}) {
    const section = find(document, `#${id}`);
    this.#section = section;
    this.#staleMs = staleMs;
    this.#trouble = find(section, '.trouble');
    this.#status = find(section, '.status');
    for (const element of section.querySelectorAll<HTMLElement>('[data-tile]')) {
      this.#tiles.set(element.dataset.tile!, new Tile(element));
    }
    setInterval(() => this.#draw(), tilesMs);
  }

  /** Puts a number on a tile. A missing one is shown as a dash. */
  show(tile: string, value: number | null | undefined): void {
    this.#tiles.get(tile)!.value = value ?? undefined;
  }

  /** Says that rows have come. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Shows what a source is doing. */
  state({ status, retryMs = 0 }: SourceState): void {
    this.#state = status;
    this.#retryAt = performance.now() + retryMs;
  }

  /** Shows what went wrong until rows come again. */
  failed(error: Error): void {
    this.#trouble.textContent = error.message;
    this.#trouble.hidden = false;
    this.#troubledAt = performance.now();
  }

  /** Shows a text in place of everything that needs what is missing. */
  missing(...content: (string | Node)[]): void {
    const text = document.createElement('p');
    text.className = 'missing';
    text.append(...content);
    find(this.#section, '.body').replaceChildren(text);
    this.#setStatus('off', 'not here');
    this.#state = 'missing';
  }

  /** Makes the source text readable under the panel. */
  code(source: string): void {
    const pre = document.createElement('pre');
    pre.tabIndex = 0;
    const code = document.createElement('code');
    code.append(highlighted(source.trim()));
    pre.append(code);
    find(this.#section, 'details').append(pre);
  }

  #draw(): void {
    if (this.#state === 'missing' || document.hidden) return;
    for (const tile of this.#tiles.values()) tile.draw();
    const now = performance.now();
    const heardAt = this.#heardAt;
    if (heardAt !== undefined && heardAt > this.#troubledAt) this.#trouble.hidden = true;
    const state = this.#state;
    if (state === 'waiting') {
      const seconds = Math.max(0, Math.ceil((this.#retryAt - now) / 1000));
      this.#setStatus('waiting', `reconnecting in ${seconds} s`);
    } else if (state === 'failed' || state === 'closed') this.#setStatus('failed', state);
    else if (state === 'connecting') this.#setStatus('waiting', 'connecting');
    else if (this.#troubledAt > (heardAt ?? 0)) this.#setStatus('waiting', 'reconnecting');
    else if (heardAt === undefined) this.#setStatus('waiting', 'waiting for rows');
    else if (now - heardAt < this.#staleMs) this.#setStatus('live', 'live');
    else this.#setStatus('stale', `stale for ${Math.floor((now - heardAt) / 1000)} s`);
  }

  #setStatus(state: string, text: string): void {
    if (this.#status.dataset.state !== state) this.#status.dataset.state = state;
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}

class Tile {
  readonly #format: (value: number) => { number: string; unit: string };
  readonly #number = document.createTextNode('–');
  readonly #unit = document.createElement('small');
  value: number | undefined;
  #drawn: number | undefined;

  constructor(element: HTMLElement) {
    this.#format = formats[element.dataset.format!]!;
    element.replaceChildren(this.#number, this.#unit);
  }

  draw(): void {
    const { value } = this;
    if (value === this.#drawn) return;
    this.#drawn = value;
    const { number, unit } =
      value === undefined || Number.isNaN(value) ? { number: '–', unit: '' } : this.#format(value);
    this.#number.data = number;
    this.#unit.textContent = unit;
  }
}

export function find<E extends HTMLElement = HTMLElement>(root: ParentNode, selector: string): E {
  return root.querySelector<E>(selector)!;
}
