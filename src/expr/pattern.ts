import { quote, SchemaError } from '../errors.ts';
import { PatternGuard } from './pattern-guard.ts';

/** A pattern that is safe to run over any text. */
export interface Pattern {
  readonly regex: RegExp;
  /** Number of groups that capture. */
  readonly groups: number;
  readonly names: readonly string[];
  /** The longest text, in UTF-16 code units, that takes no more than a fraction of a second. */
  readonly longest: number;
}

/**
 * Compiles a pattern. `what` is the operation that it is given to.
 *
 * @throws `bad-option` for what is no pattern, and for one that might take exponential time; see `PatternGuard`.
 */
export function compilePattern(what: string, pattern: unknown, flags: string): Pattern {
  if (typeof pattern !== 'string') {
    const hint =
      pattern instanceof RegExp ? '; give its source, and { ignoreCase: true } for the flag i' : '';
    throw new SchemaError('bad-option', `${what} takes a pattern as a string, got ${typeof pattern}${hint}`);
  }
  const fail = (why: string): never => {
    throw new SchemaError('bad-option', `${what}: the pattern ${quote(pattern)} is refused: ${why}`);
  };
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, flags);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^.*: /, '') : String(cause);
    throw new SchemaError('bad-option', `${what}: ${quote(pattern)} is no pattern: ${why}`, { cause });
  }
  const guard = new PatternGuard(pattern, flags.includes('i'), (why) =>
    fail(`${why}, which might take for ever on some texts`),
  );
  return { regex, groups: guard.groups, names: guard.names, longest: guard.longest };
}
