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

describe('a signal that many wait for', () => {
  test('has one listener, which goes with the last of them', () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const forget = Array.from({ length: 20 }, () => onAbort(signal, () => {}));
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([1, 0]);
    for (const each of forget) each();
    for (const each of forget) each();
    expect(removed).toHaveBeenCalledOnce();
    onAbort(signal, () => {});
    expect(added).toHaveBeenCalledTimes(2);
  });

  test('tells each of them, in order, though one fails', () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const controller = new AbortController();
    const log: number[] = [];
    onAbort(controller.signal, () => {
      throw new Error('cannot end');
    });
    const forget = onAbort(controller.signal, () => void log.push(1));
    onAbort(controller.signal, () => void log.push(2));
    onAbort(controller.signal, () => void log.push(3));
    forget();
    controller.abort();
    expect([log, report.mock.calls.length]).toEqual([[2, 3], 1]);
    report.mockRestore();
  });
});
