import { grown } from '../columnar/grow.ts';

/**
 * For each slot its nodes in order, with weights: a treap over typed arrays. Nodes are small numbers that belong to
 * one slot at a time; what they stand for, and so their order, is the caller's. All verbs are O(log nodes of the
 * slot), expected.
 */
export class OrderTree {
  readonly #compare: (a: number, b: number) => number;
  #roots: Int32Array = new Int32Array(0);
  /** Nodes are kept + 1, so that 0 is none. */
  #left: Int32Array = new Int32Array(1);
  #right: Int32Array = new Int32Array(1);
  /** Weight of a node, and of all below it together with its own. */
  #own: Float64Array = new Float64Array(1);
  #total: Float64Array = new Float64Array(1);
  #below = 0;
  #above = 0;

  /** @param compare the order of two nodes of one slot, of which no two are equal. */
  constructor(compare: (a: number, b: number) => number) {
    this.#compare = compare;
  }

  /** The weight of all nodes of a slot. */
  weight(slot: number): number {
    return this.#total[this.#roots[slot] ?? 0]!;
  }

  insert(slot: number, node: number, weight: number): void {
    this.#roots = grown(this.#roots, slot + 1);
    const n = node + 1;
    this.#left = grown(this.#left, n + 1);
    this.#right = grown(this.#right, n + 1);
    this.#own = grown(this.#own, n + 1);
    this.#total = grown(this.#total, n + 1);
    this.#left[n] = 0;
    this.#right[n] = 0;
    this.#own[n] = weight;
    this.#total[n] = weight;
    this.#roots[slot] = this.#insert(this.#roots[slot]!, n);
  }

  delete(slot: number, node: number): void {
    this.#roots[slot] = this.#delete(this.#roots[slot]!, node + 1);
  }

  /** The node to which `direction` leads: 0 where it is the one, below 0 where that comes earlier; -1 for none. */
  find(slot: number, direction: (node: number) => number): number {
    let n = this.#roots[slot] ?? 0;
    while (n !== 0) {
      const d = direction(n - 1);
      if (d === 0) return n - 1;
      n = d < 0 ? this.#left[n]! : this.#right[n]!;
    }
    return -1;
  }

  /** Changes the weight of a node that is there. */
  addWeight(slot: number, node: number, weight: number): void {
    const wanted = node + 1;
    let n = this.#roots[slot]!;
    while (n !== wanted) {
      this.#total[n]! += weight;
      n = this.#compare(node, n - 1) < 0 ? this.#left[n]! : this.#right[n]!;
    }
    this.#total[n]! += weight;
    this.#own[n]! += weight;
  }

  weightOf(node: number): number {
    return this.#own[node + 1]!;
  }

  /** The node that the first weight beyond `before` belongs to; -1 where there is none. */
  nodeAt(slot: number, before: number): number {
    let n = this.#roots[slot] ?? 0;
    let rest = before;
    while (n !== 0) {
      const left = this.#left[n]!;
      const earlier = this.#total[left]!;
      if (rest < earlier) n = left;
      else if (rest < earlier + this.#own[n]!) return n - 1;
      else {
        rest -= earlier + this.#own[n]!;
        n = this.#right[n]!;
      }
    }
    return -1;
  }

  /** The nodes of a slot in order, as many as `most`. */
  firstNodes(slot: number, most: number = Infinity): number[] {
    const nodes: number[] = [];
    const open: number[] = [];
    let n = this.#roots[slot] ?? 0;
    while (nodes.length < most && (n !== 0 || open.length > 0)) {
      while (n !== 0) {
        open.push(n);
        n = this.#left[n]!;
      }
      n = open.pop()!;
      nodes.push(n - 1);
      n = this.#right[n]!;
    }
    return nodes;
  }

  #pull(n: number): void {
    this.#total[n] = this.#total[this.#left[n]!]! + this.#own[n]! + this.#total[this.#right[n]!]!;
  }

  #insert(root: number, n: number): number {
    if (root === 0) return n;
    if (priority(n) > priority(root)) {
      this.#split(root, n - 1);
      this.#left[n] = this.#below;
      this.#right[n] = this.#above;
      this.#pull(n);
      return n;
    }
    if (this.#compare(n - 1, root - 1) < 0) this.#left[root] = this.#insert(this.#left[root]!, n);
    else this.#right[root] = this.#insert(this.#right[root]!, n);
    this.#total[root]! += this.#own[n]!;
    return root;
  }

  /** Cuts a tree before `node`, which it does not hold, into `#below` and `#above`. */
  #split(root: number, node: number): void {
    if (root === 0) {
      this.#below = 0;
      this.#above = 0;
    } else if (this.#compare(root - 1, node) < 0) {
      this.#split(this.#right[root]!, node);
      this.#right[root] = this.#below;
      this.#pull(root);
      this.#below = root;
    } else {
      this.#split(this.#left[root]!, node);
      this.#left[root] = this.#above;
      this.#pull(root);
      this.#above = root;
    }
  }

  #delete(root: number, n: number): number {
    if (root === n) return this.#joined(this.#left[n]!, this.#right[n]!);
    this.#total[root]! -= this.#own[n]!;
    if (this.#compare(n - 1, root - 1) < 0) this.#left[root] = this.#delete(this.#left[root]!, n);
    else this.#right[root] = this.#delete(this.#right[root]!, n);
    return root;
  }

  #joined(a: number, b: number): number {
    if (a === 0) return b;
    if (b === 0) return a;
    if (priority(a) > priority(b)) {
      this.#right[a] = this.#joined(this.#right[a]!, b);
      this.#pull(a);
      return a;
    }
    this.#left[b] = this.#joined(a, this.#left[b]!);
    this.#pull(b);
    return b;
  }
}

/** What a node is worth against others: a hash, of which no two numbers share one. */
function priority(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}
