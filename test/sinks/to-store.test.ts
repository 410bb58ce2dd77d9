import { describe, expect, test, vi } from 'vitest';
import { toStore } from '../../src/sinks/to-store.ts';
import { Stream } from '../../src/stream.ts';

describe('toStore', () => {
  test('gives the last element, the very same until the next, without this', () => {
    const rows = new Stream<{ n: number }>();
    const { getSnapshot, subscribe } = toStore(rows);
    expect(getSnapshot()).toBeUndefined();
    const changed = vi.fn();
    const unsubscribe = subscribe(changed);
    const row = { n: 1 };
    rows.emit(row);
    expect(getSnapshot()).toBe(row);
    expect(getSnapshot()).toBe(row);
    expect(changed).toHaveBeenCalledOnce();
    unsubscribe();
    unsubscribe();
    rows.emit({ n: 2 });
    expect(changed).toHaveBeenCalledOnce();
    expect(getSnapshot()).toEqual({ n: 2 });
  });

  test('begins with what it is given', () => {
    const numbers = new Stream<number>();
    const store = toStore(numbers, 0);
    expect(store.getSnapshot() + 1).toBe(1);
    numbers.emit(5);
    expect(store.getSnapshot()).toBe(5);
  });

  test('calls each listener as often as it subscribed, in order, whatever one of them does', () => {
    const numbers = new Stream<number>();
    const store = toStore(numbers, 0);
    const seen: string[] = [];
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    const listener = () => seen.push(`first ${store.getSnapshot()}`);
    const unsubscribe = store.subscribe(listener);
    store.subscribe(() => {
      throw new Error('no');
    });
    store.subscribe(listener);
    store.subscribe(() => {
      seen.push('new');
      store.subscribe(() => seen.push('newer'));
    });
    expect(numbers.emit(1)).toBeUndefined();
    unsubscribe();
    numbers.emit(2);
    vi.unstubAllGlobals();
    expect(seen).toEqual(['first 1', 'first 1', 'new', 'first 2', 'new', 'newer']);
    expect(reported).toHaveBeenCalledTimes(2);
  });

  test('does not call a listener that has unsubscribed while another was called', () => {
    const numbers = new Stream<number>();
    const store = toStore(numbers, 0);
    const seen: string[] = [];
    store.subscribe(() => {
      seen.push('first');
      unsubscribe();
    });
    const unsubscribe = store.subscribe(() => seen.push('second'));
    numbers.emit(1);
    expect(seen).toEqual(['first']);
  });

  test('keeps its last element when it ends', () => {
    const numbers = new Stream<number>();
    const control = new AbortController();
    const aborted = toStore(numbers, 0, { signal: control.signal });
    const disposed = toStore(numbers, 0);
    const changed = vi.fn();
    aborted.subscribe(changed);
    disposed.subscribe(changed);
    numbers.emit(1);
    control.abort();
    disposed.dispose();
    numbers.emit(2);
    expect([aborted.getSnapshot(), disposed.getSnapshot()]).toEqual([1, 1]);
    expect(changed).toHaveBeenCalledTimes(2);
    expect(numbers.node.active).toBe(false);
  });
});
