import { shown } from '../core/check.ts';
import { didYouMean, MillraceError, quote } from '../errors.ts';

/** Options of `forwardFill`. */
export interface ForwardFillOptions {
  /** Most rows in a row to fill. Default: all. */
  readonly limit?: number | undefined;
}

/** How many rows to look back. @throws `bad-option`. */
export function lagOptions(n: number, operation: string): { readonly n: number } {
  if (Number.isInteger(n) && n >= 1 && n <= most) return { n };
  const why = n < 0 ? 'the rows to come are not known yet; ' : '';
  throw new MillraceError(
    'bad-option',
    `${operation}(${shown(n)}): ${why}${operation} takes a whole number of rows from 1 to ${most}`,
  );
}

/** What fits the numbers of rows. */
const most = 2 ** 30;

/** @throws `bad-option`. */
export function fillOptions(given: ForwardFillOptions = {}): { readonly limit?: number } {
  for (const name of Object.keys(given)) {
    if (name === 'limit') continue;
    const hint = didYouMean(name, ['limit']) || ';';
    throw new MillraceError('bad-option', `forwardFill has no option ${quote(name)}${hint} there is limit`);
  }
  const { limit } = given;
  if (limit === undefined) return {};
  if (Number.isInteger(limit) && limit >= 1) return { limit };
  throw new MillraceError(
    'bad-option',
    `limit of forwardFill must be a whole number from 1 on, got ${shown(limit)}`,
  );
}
