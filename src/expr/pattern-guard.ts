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
import {
  anyOf,
  type Effort,
  followed,
  longestText,
  noEffort,
  nothingMore,
  one,
  plus,
  times,
} from './match-cost.ts';

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
  /** Whether it matches at every place. */
  readonly sure: boolean;
  readonly effort: Effort;
}

const nothing: Part = { first: [], empty: true, varies: false, alike: false, sure: true, effort: noEffort };
/** It takes up nothing, but may fail. */
const assertion: Part = { ...nothing, sure: false };

/** The most quantifiers and alternatives that a pattern may have: each may double the ways to match. */
const mostChoices = 24;

/** The greatest number that a pattern may count to. */
const mostTimes = 1000;

/**
 * Reads a pattern that has been compiled with the flag `u`, and refuses what may take time that grows exponentially with
 * the text: backreferences, lookbehind, a quantifier over a group that has one in it, and alternatives under a
 * quantifier that may begin alike. It is cautious: some patterns that are quick are refused as well. What is left takes
 * time that grows with a power of the length of the text, from which it tells how long a text may be.
 */
export class PatternGuard {
  /** Number of groups that capture. */
  groups = 0;
  /** Names of groups. */
  readonly names: string[] = [];
  /** The longest text, in UTF-16 code units, that it goes through in a fraction of a second whatever is in it. */
  readonly longest: number;
  readonly #text: string;
  readonly #ignoreCase: boolean;
  readonly #refuse: (why: string) => never;
  #at = 0;
  #choices = 0;
  /** Whether there are alternatives at the top. */
  #divided = false;

  constructor(text: string, ignoreCase: boolean, refuse: (why: string) => never) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
    this.#refuse = refuse;
    const { effort } = this.#alternatives();
    // It is tried at every place, unless it says that it begins with the text.
    const places = text.startsWith('^') && !this.#divided ? one : { degree: 1, factor: 1 };
    this.longest = longestText(times(places, effort.cost));
  }

  /** Alternatives up to the end or a closing bracket. */
  #alternatives(): Part {
    const branches: Part[] = [];
    do branches.push(this.#sequence());
    while (this.#take('|'));
    this.#divided = branches.length > 1;
    if (branches.length === 1) return branches[0]!;
    const empty = branches.some((branch) => branch.empty);
    const alike = branches.some(({ first }, i) =>
      branches.slice(i + 1).some((other) => overlap(first, other.first)),
    );
    if (alike) this.#choose();
    const first = branches.flatMap((branch) => branch.first);
    const effort = anyOf(
      branches.map((branch) => branch.effort),
      alike,
    );
    const open = empty ? [{ first, ways: { degree: 0, factor: branches.length } }] : [];
    return {
      first,
      empty,
      varies: branches.some(({ varies }) => varies) || empty,
      alike: alike || branches.some((branch) => branch.alike),
      sure: branches.some(({ sure }) => sure),
      effort: { ...effort, open: [...effort.open, ...open] },
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
        sure: whole.sure && part.sure,
        effort: followed(whole.effort, { ...part, ...part.effort }),
      };
    }
    return whole;
  }

  #quantified(): Part {
    const from = this.#at;
    const part = this.#atom();
    const range = this.#times();
    if (range === undefined) return part;
    const { least, most } = range;
    const written = this.#text.slice(from, this.#at);
    if (most > 1) {
      if (part.varies) this.#refuse(`${written} has something optional in what is repeated`);
      if (part.empty) this.#refuse(`${written} repeats what may be empty`);
      if (part.alike) this.#refuse(`${written} repeats alternatives that may begin alike`);
    }
    if (Number.isFinite(most) ? most > mostTimes : least > mostTimes) {
      this.#refuse(`${written} counts beyond ${mostTimes}`);
    }
    if (least !== most) this.#choose();
    return {
      first: part.first,
      empty: part.empty || least === 0,
      varies: part.varies || least !== most,
      alike: part.alike,
      sure: part.sure || least === 0,
      effort: repeated(part, least, most),
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
      sure: false,
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
        return assertion;
      case '\\': {
        const escaped = this.#peek();
        if (escaped === 'b' || escaped === 'B') {
          this.#at++;
          return assertion;
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
    if (!ahead) return part;
    // What is ahead is looked at once, and not again for another way; but for every way that leads to it.
    const { cost, last } = part.effort;
    const first = part.varies || part.alike ? everything : [];
    return { ...assertion, first, varies: part.varies, effort: { ...noEffort, cost: plus(cost, last) } };
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

/** A quantifier over a part; what is repeated has but one way through it. */
function repeated({ first, effort }: Part, least: number, most: number): Effort {
  const count = Number.isFinite(most) ? { degree: 0, factor: Math.max(1, most) } : { degree: 1, factor: 1 };
  const cost = times(count, plus(effort.cost, effort.last));
  if (least === most) return { ...effort, cost, last: nothingMore };
  const ways = Number.isFinite(most) ? { degree: 0, factor: most - least + 1 } : count;
  return { cost, last: nothingMore, ways: effort.ways, open: [...effort.open, { first, ways }] };
}

function pointOf(char: string): CodePoints {
  const point = char.codePointAt(0)!;
  return [[point, point]];
}
