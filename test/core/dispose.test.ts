import { describe, expect, test, vi } from 'vitest';
import { addDisposeSymbol, disposeSymbol, onAbort } from '../../src/core/dispose.ts';

describe('onAbort', () => {
  test('calls when the signal aborts', () => {
    const end = vi.fn();
    const control = new AbortController();
    onAbort(control.signal, end);
    expect(end).not.toHaveBeenCalled();
    control.abort();
    expect(end).toHaveBeenCalledTimes(1);
  });

  test('calls at once when the signal has aborted', () => {
    const end = vi.fn();
    onAbort(AbortSignal.abort(), end);
    expect(end).toHaveBeenCalledTimes(1);
  });

  test('can be taken back', () => {
    const end = vi.fn();
    const control = new AbortController();
    onAbort(control.signal, end)();
    control.abort();
    expect(end).not.toHaveBeenCalled();
  });
});

test('addDisposeSymbol makes dispose what `using` calls', () => {
  const dispose = vi.fn();
  class Thing {
    declare [Symbol.dispose]: () => void;
    dispose(): void {
      dispose(this);
    }
  }
  addDisposeSymbol(Thing.prototype);
  const thing = new Thing();
  thing[disposeSymbol]();
  expect(dispose).toHaveBeenCalledExactlyOnceWith(thing);
});
