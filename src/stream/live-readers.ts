/** Keeps the browsers that look at a live page, and delivers its changes to them. */
import type { ServerResponse } from "node:http";

/** Of a browser that reads slower than the page changes. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
/** How long browsers have for the last change. */
const LAST_CHANGE_MS = 5_000;

export class LiveReaders {
  readonly #open = new Set<ServerResponse>();
  /** Pages that were sent and have not asked for their changes yet. */
  #expected = 0;
  #onArrival: () => void = () => {};

  get count(): number {
    return this.#open.size;
  }

  /** A page was sent, which will ask for its changes. */
  expect(): void {
    this.#expected += 1;
  }

  add(reader: ServerResponse): void {
    this.#expected = Math.max(0, this.#expected - 1);
    this.#open.add(reader);
    reader.once("close", () => this.#open.delete(reader));
    this.#onArrival();
  }

  /** To all but those that have not read what they were sent before. */
  send(message: string): void {
    for (const reader of this.#open) {
      if (reader.writableLength < MOST_UNREAD_BYTES) reader.write(message);
    }
  }

  /**
   * Sends a last message, to those that are expected too, and waits until it has left: for 5 s at most, and
   * not when `stop` is aborted.
   */
  async end(message: () => string, stop?: AbortSignal): Promise<void> {
    let end = () => {};
    const patience = new Promise<void>((resolve) => {
      end = resolve;
    });
    const timer = setTimeout(end, stop?.aborted ? 0 : LAST_CHANGE_MS);
    stop?.addEventListener("abort", end, { once: true });
    await Promise.race([this.#arrived(), patience]);
    if (this.#open.size > 0) {
      const text = message();
      await Promise.race([Promise.all([...this.#open].map((each) => ended(each, text))), patience]);
    }
    this.#expected = 0;
    clearTimeout(timer);
    stop?.removeEventListener("abort", end);
  }

  #arrived(): Promise<void> {
    return new Promise((resolve) => {
      this.#onArrival = () => {
        if (this.#expected === 0) resolve();
      };
      this.#onArrival();
    });
  }
}

function ended(reader: ServerResponse, message: string): Promise<void> {
  return new Promise((resolve) => {
    reader.once("close", resolve);
    reader.end(message, resolve);
  });
}
