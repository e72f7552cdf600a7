/** A binary heap of items by the time at which they are due, the earliest first. */

interface Entry<Item> {
  dueNs: number;
  item: Item;
}

export class DelayQueue<Item> {
  readonly #heap: Entry<Item>[] = [];

  /** Infinity when empty. */
  get nextNs(): number {
    return this.#heap[0]?.dueNs ?? Number.POSITIVE_INFINITY;
  }

  add(dueNs: number, item: Item): void {
    const heap = this.#heap;
    const entry = { dueNs, item };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.dueNs <= dueNs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the earliest out; undefined when empty. */
  take(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.item;
    let at = 0;
    while (true) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.dueNs < heap[child]!.dueNs) child += 1;
      if (heap[child]!.dueNs >= last.dueNs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first.item;
  }
}
