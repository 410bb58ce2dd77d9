import {
  type CodePoints,
  digits,
  everything,
  inBothCases,
  overlap,
  spaces,
  without,
  wordPoints,
} from './code-points.ts';

/** What is known of a part of a pattern. */
interface Part {
  /** What it may begin with. */
  readonly first: CodePoints;
  /** Whether it may match the empty text. */
  readonly empty: boolean;
  /** Whether it may match texts of different lengths because of a quantifier in it. */
  readonly varies: boolean;
  /** Whether there are alternatives in it that may begin alike. */
  readonly alike: boolean;
}

const nothing: Part = { first: [], empty: true, varies: false, alike: false };

/** The most quantifiers and alternatives that a pattern may have: each may double the ways to match. */
const mostChoices = 24;

/** The greatest number that a pattern may count to. */
const mostTimes = 1000;

/**
 * Reads a pattern that has been compiled with the flag `u`, and refuses what may take time that grows exponentially with
 * the text: backreferences, lookbehind, a quantifier over a group that has one in it, and alternatives under a
 * quantifier that may begin alike. It is cautious: some patterns that are quick are refused as well.
 */
export class PatternGuard {
  /** Number of groups that capture. */
  groups = 0;
  /** Names of groups. */
  readonly names: string[] = [];
  readonly #text: string;
  readonly #ignoreCase: boolean;
  readonly #refuse: (why: string) => never;
  #at = 0;
  #choices = 0;

  constructor(text: string, ignoreCase: boolean, refuse: (why: string) => never) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
    this.#refuse = refuse;
    this.#alternatives();
  }

  /** Alternatives up to the end or a closing bracket. */
  #alternatives(): Part {
    const branches: Part[] = [];
    do branches.push(this.#sequence());
    while (this.#take('|'));
    const empty = branches.some((branch) => branch.empty);
    const alike = branches.some(({ first }, i) =>
      branches.slice(i + 1).some((other) => overlap(first, other.first)),
    );
    if (alike) this.#choose();
    return {
      first: branches.flatMap(({ first }) => first),
      empty,
      varies: branches.some(({ varies }) => varies) || (empty && branches.length > 1),
      alike: alike || branches.some((branch) => branch.alike),
    };
  }

  #choose(): void {
    if (++this.#choices > mostChoices) {
      this.#refuse(`it has more than ${mostChoices} quantifiers and alternatives that begin alike`);
    }
  }

  #sequence(): Part {
    let whole = nothing;
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const part = this.#quantified();
      whole = {
        first: whole.empty ? [...whole.first, ...part.first] : whole.first,
        empty: whole.empty && part.empty,
        varies: whole.varies || part.varies,
        alike: whole.alike || part.alike,
      };
    }
    return whole;
  }

  #quantified(): Part {
    const from = this.#at;
    const part = this.#atom();
    const times = this.#times();
    if (times === undefined) return part;
    const written = this.#text.slice(from, this.#at);
    if (times.most > 1) {
      if (part.varies) this.#refuse(`${written} has something optional in what is repeated`);
      if (part.empty) this.#refuse(`${written} repeats what may be empty`);
      if (part.alike) this.#refuse(`${written} repeats alternatives that may begin alike`);
    }
    if (Number.isFinite(times.most) ? times.most > mostTimes : times.least > mostTimes) {
      this.#refuse(`${written} counts beyond ${mostTimes}`);
    }
    if (times.least !== times.most) this.#choose();
    return {
      first: part.first,
      empty: part.empty || times.least === 0,
      varies: part.varies || times.least !== times.most,
      alike: part.alike,
    };
  }

  #times(): { least: number; most: number } | undefined {
    const rest = this.#text.slice(this.#at, this.#at + 40);
    const match = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(rest);
    if (match === null) return undefined;
    this.#at += match[0].length;
    if (match[1] === '*') return { least: 0, most: Number.POSITIVE_INFINITY };
    if (match[1] === '+') return { least: 1, most: Number.POSITIVE_INFINITY };
    if (match[1] === '?') return { least: 0, most: 1 };
    const least = Number(match[2]);
    if (match[3] === undefined) return { least, most: least };
    return { least, most: match[4] === '' ? Number.POSITIVE_INFINITY : Number(match[4]) };
  }

  #atom(): Part {
    const of = (points: CodePoints): Part => ({
      ...nothing,
      first: this.#ignoreCase ? inBothCases(points) : points,
      empty: false,
    });
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return of(this.#class());
      case '.':
        return of(everything);
      case '^':
      case '$':
        return nothing;
      case '\\': {
        const escaped = this.#peek();
        if (escaped === 'b' || escaped === 'B') {
          this.#at++;
          return nothing;
        }
        return of(this.#escape());
      }
      default:
        return of(pointOf(char));
    }
  }

  #group(): Part {
    let ahead = false;
    if (this.#take('?')) {
      const kind = this.#next();
      if (kind === '<') {
        if (this.#peek() === '=' || this.#peek() === '!') this.#refuse('it looks behind');
        const end = this.#text.indexOf('>', this.#at);
        this.names.push(this.#text.slice(this.#at, end));
        this.#at = end + 1;
        this.groups++;
      } else if (kind === '=' || kind === '!') ahead = true;
      else if (kind !== ':') this.#refuse('it changes its flags inside');
    } else this.groups++;
    const part = this.#alternatives();
    this.#take(')');
    // What is ahead is looked at once, and not again for another way.
    return ahead ? { ...nothing, varies: part.varies } : part;
  }

  /** What an escape outside of a class, or one in it, stands for. */
  #escape(): CodePoints {
    const char = this.#next();
    switch (char) {
      case 'd':
        return digits;
      case 'D':
        return without(digits);
      case 'w':
        return wordPoints;
      case 'W':
        return without(wordPoints);
      case 's':
        return spaces;
      case 'S':
        return without(spaces);
      case 'p':
      case 'P':
        this.#at = this.#text.indexOf('}', this.#at) + 1;
        return everything;
      case 'k':
        return this.#refuse('it refers back to a group');
      case 'n':
        return pointOf('\n');
      case 'r':
        return pointOf('\r');
      case 't':
        return pointOf('\t');
      case 'v':
        return pointOf('\v');
      case 'f':
        return pointOf('\f');
      case 'c':
        return pointOf(String.fromCharCode(this.#next().charCodeAt(0) % 32));
      case 'x':
        return this.#hex(2);
      case 'u':
        if (!this.#take('{')) return this.#hex(4);
        return this.#hex(this.#text.indexOf('}', this.#at) - this.#at, 1);
      case '0':
        return [[0, 0]];
      default:
        if (char >= '1' && char <= '9') this.#refuse('it refers back to a group');
        return pointOf(char);
    }
  }

  #hex(length: number, after = 0): CodePoints {
    const point = Number.parseInt(this.#text.slice(this.#at, this.#at + length), 16);
    this.#at += length + after;
    // Half of a pair: what it is with the other half is not looked at.
    return point >= 0xd800 && point <= 0xdfff ? everything : [[point, point]];
  }

  #class(): CodePoints {
    const negated = this.#take('^');
    const points: (readonly [number, number])[] = [];
    while (!this.#take(']')) {
      const from = this.#member();
      if (
        from.length === 1 &&
        from[0]![0] === from[0]![1] &&
        this.#peek() === '-' &&
        this.#text[this.#at + 1] !== ']'
      ) {
        this.#at++;
        const to = this.#member();
        points.push([from[0]![0], to[0]![1]]);
      } else points.push(...from);
    }
    // Without looking at case, what is not in a class may still be equal to something in it.
    if (negated) return this.#ignoreCase ? everything : without(points);
    return points;
  }

  #member(): CodePoints {
    const char = this.#next();
    if (char !== '\\') return pointOf(char);
    if (this.#take('b')) return [[8, 8]];
    return this.#escape();
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  /** The next code point. */
  #next(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += char.length;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }
}

function pointOf(char: string): CodePoints {
  const point = char.codePointAt(0)!;
  return [[point, point]];
}
