import { map, Subject } from 'rxjs';
import { type Metadata, noMetadata } from '../src/core/metadata.ts';
import { type Flow, Node } from '../src/core/node.ts';
import type { BenchCase } from './bench.ts';

const elements = 100_000;
const numbers = Float64Array.from({ length: elements }, (_, i) => i % 1000);

class AddOne extends Node<number, number> {
  override update(value: number, metadata: Metadata): Flow {
    return this.emit(value + 1, metadata);
  }
}

class Total extends Node<number, never> {
  total = 0;

  constructor() {
    super();
    this.begin();
  }

  protected override get isEnd(): boolean {
    return true;
  }

  override update(value: number): Flow {
    this.total += value;
  }
}

const addOne = new AddOne();
const sink = new Total();
addOne.connect(sink);

const subject = new Subject<number>();
let observed = 0;
subject.pipe(map((value) => value + 1)).subscribe((value) => {
  observed += value;
});

export const cases: readonly BenchCase[] = [
  {
    title: `${elements.toLocaleString('en')} elements, one at a time, through a node that adds 1 into a sum`,
    amount: elements,
    unit: 'element',
    limit() {
      let total = 0;
      for (let i = 0; i < elements; i++) total += numbers[i]! + 1;
      return total;
    },
    ours() {
      sink.total = 0;
      for (let i = 0; i < elements; i++) void addOne.update(numbers[i]!, noMetadata);
      return sink.total;
    },
    rivals: {
      rxjs() {
        observed = 0;
        for (let i = 0; i < elements; i++) subject.next(numbers[i]!);
        return observed;
      },
    },
  },
];
