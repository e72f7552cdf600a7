/**
 * Locks and elections by their names: each has one owner, and calls that wait for it in the order in
 * which they came.
 */
import type { Answer } from "../grpc/answer.ts";
import type { Caller } from "../grpc/methods.ts";

interface Contender {
  caller: Caller;
  streamId: number;
  /** Made when it becomes the owner. */
  answer: () => Answer;
}

interface Queue {
  owner: Contender;
  waiting: Contender[];
}

export class OwnerQueues {
  readonly #byName = new Map<string, Queue>();

  /** The contender's answer where `name` has no owner; null where it waits. */
  ask(name: string, contender: Contender): Answer | null {
    const queue = this.#byName.get(name);
    if (queue === undefined) {
      this.#byName.set(name, { owner: contender, waiting: [] });
      return contender.answer();
    }
    queue.waiting.push(contender);
    return null;
  }

  /** The next one that waits becomes the owner and is answered. */
  release(name: string): void {
    const queue = this.#byName.get(name);
    if (queue === undefined) return;
    const next = queue.waiting.shift();
    if (next === undefined) {
      this.#byName.delete(name);
      return;
    }
    queue.owner = next;
    next.caller.answerLater(next.streamId, next.answer());
  }

  /** The client has cancelled a call that waits. */
  cancel(caller: Caller, streamId: number): void {
    for (const queue of this.#byName.values()) {
      queue.waiting = queue.waiting.filter(
        (each) => each.caller !== caller || each.streamId !== streamId,
      );
    }
  }

  /** A connection is gone: releases what it owns, as if its leases had been revoked. */
  drop(caller: Caller): void {
    for (const [name, queue] of this.#byName) {
      queue.waiting = queue.waiting.filter((each) => each.caller !== caller);
      if (queue.owner.caller === caller) this.release(name);
    }
  }
}

/** The key of an owner: its lease in hexadecimal below the name, as etcd's recipes have it. */
export function ownerKey(name: Uint8Array, lease: string): Buffer {
  return Buffer.concat([name, Buffer.from(`/${BigInt(lease).toString(16)}`)]);
}
