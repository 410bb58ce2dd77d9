import { GraphError, Node } from 'millrace';

/** Emits each element `n` times. Keeps nothing. */
export class Repeat extends Node {
  kind = 'repeat';
  #n;

  constructor(n) {
    if (!(Number.isInteger(n) && n >= 1)) {
      throw new GraphError('bad-option', `n of repeat must be a whole number from 1, got ${n}`);
    }
    super();
    this.#n = n;
  }

  update(value, metadata) {
    return this.emitEach(Array(this.#n).fill(value), metadata);
  }
}

export default Repeat;
