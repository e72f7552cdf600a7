/**
 * Memory that the workers of a load share, as far as machines can: each agent has a copy that its own workers
 * share, and what they have changed in it comes back when they have ended. A load is dealt to agents only if no
 * two of them change the same number.
 */

/** Those in a message, each once, in the order in which it holds them. */
export function memoriesOf(message: unknown): SharedArrayBuffer[] {
  const found = new Set<SharedArrayBuffer>();
  const look = (value: unknown) => {
    if (value instanceof SharedArrayBuffer) found.add(value);
    else if (Array.isArray(value)) for (const each of value) look(each);
    else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
      for (const each of Object.values(value)) look(each);
    }
  };
  look(message);
  return [...found];
}

/** As they are now. */
export function contentsOf(memories: readonly SharedArrayBuffer[]): Uint8Array[] {
  return memories.map((memory) => new Uint8Array(memory).slice());
}

/** The memories of this process that agents have copies of. */
export class LentMemory {
  readonly #memories: readonly SharedArrayBuffer[];
  readonly #lent: readonly Uint8Array[];

  constructor(message: unknown) {
    this.#memories = memoriesOf(message);
    this.#lent = contentsOf(this.#memories);
  }

  get isEmpty(): boolean {
    return this.#memories.length === 0;
  }

  /** Whether what came back has the sizes of what was lent. */
  fits(contents: readonly Uint8Array[]): boolean {
    return (
      contents.length === this.#lent.length &&
      contents.every(({ length }, at) => length === this.#lent[at]!.length)
    );
  }

  /** Takes what an agent's workers have changed. */
  takeBack(contents: readonly Uint8Array[]): void {
    for (const [at, memory] of this.#memories.entries()) {
      const own = new Uint8Array(memory);
      const lent = this.#lent[at]!;
      contents[at]!.forEach((octet, place) => {
        if (octet !== lent[place]) own[place] = octet;
      });
    }
  }
}
