import { fromIterable } from 'millrace';

/** The whole numbers from `start` down to 0, when something listens. */
export function countdown(start) {
  return fromIterable(downFrom(start));
}

function* downFrom(start) {
  for (let i = start; i >= 0; i--) yield i;
}
