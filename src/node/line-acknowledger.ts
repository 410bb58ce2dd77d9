import type { Metadata } from '../core/metadata.ts';
import { Acknowledger } from '../sources/acknowledger.ts';

/** A place in a file. */
export interface Mark {
  /** Which file it is, whatever its name. */
  readonly file: string;
  readonly byte: number;
}

/**
 * Notes which lines of a file, and of those that take its place, are done, and says up to which byte all are. Lines
 * of two files, or of one before and after it was cut, are not mixed up.
 */
export class LineAcknowledger {
  readonly #lines: Acknowledger<string>;
  /** How often a file has been cut. */
  #cuts = 0;
  #isInHand: (position: string) => boolean = () => false;

  constructor(ack: (byte: number) => void) {
    this.#lines = new Acknowledger((position) => ack(byteOf(position)));
  }

  /** Metadata of the line that ends at `mark`; nothing where it is still being worked on since before. */
  track(mark: Mark): Metadata | undefined {
    const position = this.#positionOf(mark);
    if (this.#isInHand(position)) return undefined;
    return this.#lines.track(position).map((data) => ({ ...data, position: mark.byte }));
  }

  /** Says that the file is read anew from its start, and holds something else. */
  cut(): void {
    this.#cuts++;
  }

  /** Where a new reader has to begin that was to begin at `mark`, so that lines that failed come again. */
  restart(mark: Mark | undefined, origin: Mark | undefined): Mark | undefined {
    const { acknowledged, blocked, pending } = this.#lines;
    this.#isInHand = this.#lines.restart();
    if (!blocked && pending === 0) return mark;
    if (acknowledged === undefined) return origin;
    const file = fileOf(acknowledged);
    const byte = byteOf(acknowledged);
    const isCut = file === mark?.file && acknowledged !== this.#positionOf({ file, byte });
    return { file, byte: isCut ? 0 : byte };
  }

  #positionOf({ file, byte }: Mark): string {
    return `${byte} ${this.#cuts} ${file}`;
  }
}

function byteOf(position: string): number {
  return Number.parseInt(position, 10);
}

function fileOf(position: string): string {
  return position.split(' ')[2]!;
}
