import type { Item } from 'vega';
import { rowNumber } from './prepare-spec.ts';

/** How a field of a row is written. */
export type FieldText = (field: string, value: unknown) => string;

/**
 * The box beside the pointer. It is written again after every drawing, so it says what is under the pointer now, not
 * what was there when the pointer came.
 */
export class Tooltip {
  readonly #document: Document;
  readonly #text: FieldText;
  #box: HTMLElement | undefined;
  #item: Item | undefined;
  #at: { x: number; y: number } = { x: 0, y: 0 };

  constructor(document: Document, text: FieldText) {
    this.#document = document;
    this.#text = text;
  }

  /** What Vega calls when the pointer is over an item, or over none. */
  readonly handler = (_view: unknown, event: MouseEvent | null, item: Item | null, value: unknown): void => {
    // Vega calls it with nothing when the view ends.
    if (event !== null) this.#at = { x: event.clientX, y: event.clientY };
    this.#item = item ?? undefined;
    this.#show(value);
  };

  /** After a drawing: the same item with its new values, or nothing when it is gone. */
  refresh(): void {
    const item = this.#item as (Item & { tooltip?: unknown; mark?: { items?: unknown[] } }) | undefined;
    if (item === undefined) return;
    this.#show(item.mark?.items?.includes(item) ? item.tooltip : undefined);
  }

  dispose(): void {
    this.#box?.remove();
    this.#box = undefined;
    this.#item = undefined;
  }

  #show(value: unknown): void {
    if (value === undefined || value === null || value === '') {
      this.dispose();
      return;
    }
    const box = this.#box ?? this.#makeBox();
    box.replaceChildren(...this.#lines(value));
    const { clientWidth, clientHeight } = this.#document.documentElement;
    const { x, y } = this.#at;
    const { offsetWidth, offsetHeight } = box;
    const left = x + 14 + offsetWidth > clientWidth ? Math.max(0, x - 14 - offsetWidth) : x + 14;
    const top = y + 14 + offsetHeight > clientHeight ? Math.max(0, y - 14 - offsetHeight) : y + 14;
    box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  #lines(value: unknown): Node[] {
    if (typeof value !== 'object' || value === null) return [this.#document.createTextNode(String(value))];
    const cells = Object.entries(value).filter(([field]) => field !== rowNumber);
    return cells.map(([field, cell]) => {
      const line = this.#document.createElement('div');
      const name = this.#document.createElement('span');
      name.textContent = `${field}  `;
      name.style.opacity = '0.65';
      line.append(name, this.#text(field, cell));
      return line;
    });
  }

  #makeBox(): HTMLElement {
    const box = this.#document.createElement('div');
    box.className = 'millrace-tooltip';
    box.setAttribute('aria-hidden', 'true');
    Object.assign(box.style, {
      position: 'fixed',
      left: '0',
      top: '0',
      zIndex: '1000',
      pointerEvents: 'none',
      maxWidth: '320px',
      padding: '6px 9px',
      borderRadius: '6px',
      font: '12px/1.5 system-ui, sans-serif',
      fontVariantNumeric: 'tabular-nums',
      whiteSpace: 'pre-wrap',
      color: '#f2f4f6',
      background: 'rgba(28, 33, 39, 0.94)',
      border: '1px solid rgba(255, 255, 255, 0.16)',
      boxShadow: '0 2px 10px rgba(0, 0, 0, 0.3)',
    });
    this.#document.body.append(box);
    this.#box = box;
    return box;
  }
}

/** Numbers to six digits, times as ISO dates in the zone of the chart, nothing as a dash. */
export function fieldText(utc: ReadonlyMap<string, boolean>): FieldText {
  return (field, value) => {
    if (value === null || value === undefined) return '–';
    if (typeof value !== 'number') return String(value);
    const isUtc = utc.get(field);
    if (isUtc === undefined) return String(Number(value.toPrecision(6)));
    const shift = isUtc ? 0 : new Date(value).getTimezoneOffset() * 60_000;
    const text = new Date(value - shift)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, '');
    return isUtc ? `${text} UTC` : text;
  };
}
