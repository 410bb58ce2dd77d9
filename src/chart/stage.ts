import { inks } from './theme.ts';

/** Height of a chart where neither the specification nor the page says one. */
const defaultHeight = 240;
/** Width until the element is laid out. */
const defaultWidth = 300;

export interface StageOptions {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Whether the chart has the size of the element. If not, the element grows with the chart. */
  readonly fitted: boolean;
}

/**
 * The elements of one chart in the page: a box in the user's element, in it the picture, and over it a note (waiting,
 * error). Styled without style sheets, so that it works under a strict content security policy.
 */
export class Stage {
  readonly #host: HTMLElement;
  readonly #picture: HTMLElement;
  readonly #note: HTMLElement;
  /** Where Vega draws. */
  readonly canvas: HTMLElement;
  #options: StageOptions = { fitted: true };
  #fills = false;

  constructor(element: HTMLElement) {
    const document = element.ownerDocument;
    for (const old of element.querySelectorAll(':scope > .millrace-chart[data-state="failed"]')) old.remove();
    const make = (name: string, style: Partial<CSSStyleDeclaration>): HTMLElement => {
      const part = document.createElement('div');
      part.className = name;
      Object.assign(part.style, style);
      return part;
    };
    this.#host = make('millrace-chart', { position: 'relative', width: '100%', transition: 'color 1ms' });
    this.#picture = make('millrace-chart-picture', { visibility: 'hidden' });
    this.canvas = make('millrace-chart-canvas', { lineHeight: '0' });
    this.#note = make('millrace-chart-note', {
      position: 'absolute',
      boxSizing: 'border-box',
      inset: '0',
      padding: '8px 12px',
      display: 'none',
      overflow: 'auto',
      font: '13px/1.45 system-ui, sans-serif',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
    });
    this.#picture.append(this.canvas);
    this.#host.append(this.#picture, this.#note);
    element.append(this.#host);
    this.arrange(this.#options);
  }

  get host(): HTMLElement {
    return this.#host;
  }

  /** Colour of the text around the chart. */
  get ink(): string {
    return this.#view.getComputedStyle(this.#host).color || inks.light;
  }

  get font(): string {
    return this.#view.getComputedStyle(this.#host).fontFamily;
  }

  /** Sizes the box: by the options, else by the element, which has a height of its own or not. */
  arrange(options: StageOptions): void {
    this.#options = options;
    const { style } = this.#host;
    const picture = this.#picture.style;
    if (!options.fitted) {
      Object.assign(style, { height: 'auto', minHeight: '48px' });
      picture.position = 'static';
      return;
    }
    Object.assign(picture, { position: 'absolute', inset: '0', overflow: 'hidden' });
    if (options.width !== undefined) style.width = `${options.width}px`;
    if (options.height === undefined) {
      // What is in the box does not count, so a box of full height has one only where the element has.
      style.height = '100%';
      this.#fills = this.#host.clientHeight >= 48;
    }
    if (!this.#fills) style.height = `${options.height ?? defaultHeight}px`;
  }

  size(): { width: number; height: number } {
    const { width, height } = this.#options;
    return {
      width: width ?? (this.#host.clientWidth || defaultWidth),
      height: height ?? (this.#fills ? this.#host.clientHeight : defaultHeight),
    };
  }

  describe(text: string): void {
    this.#picture.setAttribute('role', 'img');
    this.#picture.setAttribute('aria-label', text);
  }

  showPicture(): void {
    this.#picture.style.visibility = 'visible';
  }

  /** Shows that there is nothing to draw yet. */
  wait(text: string): void {
    this.#host.dataset.state = 'waiting';
    this.#write(text, {
      display: 'grid',
      placeContent: 'center',
      opacity: '0.6',
      bottom: '0',
      background: 'none',
    });
  }

  /** Shows an error; a picture that is there stays. */
  fail(text: string): void {
    const over = this.#picture.style.visibility === 'visible';
    this.#host.dataset.state = over ? 'stale' : 'failed';
    this.#write(text, {
      display: 'block',
      placeContent: '',
      opacity: '1',
      bottom: over ? 'auto' : '0',
      // A tint of the ink under a coloured edge reads in light and dark.
      background: over ? 'color-mix(in srgb, Canvas 92%, transparent)' : 'none',
    });
    this.#note.style.borderLeft = '3px solid #d1453b';
  }

  clear(): void {
    this.#host.dataset.state = 'live';
    this.#note.style.display = 'none';
    this.#note.textContent = '';
  }

  /** Calls `changed` when the box has another size. */
  onResize(changed: () => void): () => void {
    const observer = new ResizeObserver(() => {
      // An element that was not laid out before may turn out to have a height.
      if (!this.#fills && this.#options.fitted && this.#options.height === undefined)
        this.arrange(this.#options);
      changed();
    });
    observer.observe(this.#host);
    return () => observer.disconnect();
  }

  /** Calls `changed` when the text around the chart gets another colour. */
  onInk(changed: () => void): () => void {
    const scheme = this.#view.matchMedia('(prefers-color-scheme: dark)');
    const ended = (event: Event): void => {
      if (event.target === this.#host) changed();
    };
    scheme.addEventListener('change', changed);
    this.#host.addEventListener('transitionend', ended);
    return () => {
      scheme.removeEventListener('change', changed);
      this.#host.removeEventListener('transitionend', ended);
    };
  }

  /** Calls `changed` when the box comes into the part of the page that is shown, or leaves it. */
  onVisible(changed: (visible: boolean) => void): () => void {
    const observer = new IntersectionObserver((entries) => changed(entries.at(-1)!.isIntersecting), {
      rootMargin: '64px',
    });
    observer.observe(this.#host);
    return () => observer.disconnect();
  }

  remove(): void {
    this.#host.remove();
  }

  #write(text: string, style: Partial<CSSStyleDeclaration>): void {
    this.#note.style.borderLeft = '';
    Object.assign(this.#note.style, style);
    this.#note.textContent = text;
  }

  get #view(): Window & typeof globalThis {
    return this.#host.ownerDocument.defaultView ?? globalThis.window;
  }
}
