import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fifo } from '../../src/core/fifo.ts';

describe('Fifo', () => {
  test('behaves like an array that is pushed and shifted', () => {
    const steps = fc.array(fc.constantFrom('push', 'push', 'push', 'shift', 'shift', 'drain'), {
      maxLength: 600,
    });
    fc.assert(
      fc.property(steps, (trace) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        for (const [i, step] of trace.entries()) {
          if (step === 'push') {
            fifo.push(i);
            model.push(i);
          } else if (step === 'shift') expect(fifo.shift()).toBe(model.shift());
          else if (i % 50 === 0) {
            expect(fifo.drain()).toEqual(model);
            model = [];
          }
          expect(fifo.length).toBe(model.length);
          expect([fifo.at(0), fifo.at(3)]).toEqual([model[0], model[3]]);
        }
      }),
    );
  });

  test('holds undefined as an item', () => {
    const fifo = new Fifo<undefined>();
    fifo.push(undefined);
    expect(fifo.length).toBe(1);
    fifo.shift();
    expect(fifo.length).toBe(0);
  });
});
