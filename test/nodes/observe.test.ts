import { from, map, take, toArray } from 'rxjs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fromIterable } from '../../src/sources/from-iterable.ts';
import { Stream } from '../../src/stream.ts';

describe('a stream as an Observable', () => {
  test('is taken by RxJS, and completes with its sources', async () => {
    const list = await new Promise<number[]>((resolve) => {
      from(fromIterable([1, 2, 3]))
        .pipe(
          map((x) => x * 10),
          toArray(),
        )
        .subscribe(resolve);
    });
    expect(list).toEqual([10, 20, 30]);
  });

  test('gives RxJS each element at once, until it has had enough', () => {
    const numbers = new Stream<number>();
    const seen: unknown[] = [];
    const doubled = numbers.map((x) => x * 2);
    from(doubled)
      .pipe(take(2))
      .subscribe({ next: (x) => seen.push(x), complete: () => seen.push('complete') });
    numbers.emit(1);
    expect(seen).toEqual([2]);
    numbers.emit(2);
    numbers.emit(3);
    expect(seen).toEqual([2, 4, 'complete']);
    expect(doubled.node.active).toBe(false);
  });

  test('tells observers and functions, and nothing after unsubscribe', () => {
    const numbers = new Stream<number>();
    const observable = numbers['@@observable']();
    expect(observable['@@observable']()).toBe(observable);
    const seen: unknown[] = [];
    const first = observable.subscribe({ next: (x) => seen.push(['first', x]) });
    observable.subscribe((x) => seen.push(['second', x]));
    observable.subscribe({});
    numbers.emit(1);
    first.unsubscribe();
    first.unsubscribe();
    numbers.emit(2);
    expect(seen).toEqual([
      ['first', 1],
      ['second', 1],
      ['second', 2],
    ]);
    expect(first.closed).toBe(true);
  });

  test('completes at once where the sources have ended, and fails the emitter where an observer throws', async () => {
    const source = fromIterable([1]);
    source.sink(() => {});
    await source.done;
    const complete = vi.fn();
    expect(source['@@observable']().subscribe({ complete }).closed).toBe(true);
    expect(complete).toHaveBeenCalledOnce();
    const numbers = new Stream<number>();
    numbers['@@observable']().subscribe(() => {
      throw new Error('no');
    });
    expect(() => numbers.emit(1)).toThrow('no (at stream › subscribe)');
  });

  test('is found under Symbol.observable where that exists, which is not made here', async () => {
    expect('observable' in Symbol).toBe(false);
    const symbol = Symbol('observable');
    Object.defineProperty(Symbol, 'observable', { value: symbol, configurable: true });
    onTestFinished(() => {
      delete (Symbol as { observable?: symbol }).observable;
      vi.resetModules();
    });
    vi.resetModules();
    const fresh = await import('../../src/stream.ts');
    const stream = new fresh.Stream<number>() as Stream<number> & Record<symbol, () => unknown>;
    const seen: number[] = [];
    (stream[symbol]!() as ReturnType<Stream<number>['@@observable']>).subscribe((x) => seen.push(x));
    stream.emit(4);
    expect(seen).toEqual([4]);
  });

  test('reports a complete that throws, and completes all others', async () => {
    const reported = vi.fn();
    vi.stubGlobal('reportError', reported);
    onTestFinished(() => void vi.unstubAllGlobals());
    const source = fromIterable([1]);
    const problem = new Error('no');
    source['@@observable']().subscribe({
      complete: () => {
        throw problem;
      },
    });
    const complete = vi.fn();
    source['@@observable']().subscribe({ complete });
    await source.done;
    expect(complete).toHaveBeenCalledOnce();
    expect(reported.mock.calls).toEqual([[problem]]);
  });
});
