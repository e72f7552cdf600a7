/**
 * Decides whether an agent may carry out a command now. Who can write to the coordination etcd without the secret
 * cannot make one, but could put again what was sealed for an earlier session.
 */
import type { Command } from "./protocol.ts";

export class SessionGuard {
  /** All that this agent has had. */
  readonly #had = new Set<string>();
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** @throws Error for a command that is not of a session of now */
  check(command: Command): void {
    if (command.type === "session") {
      if (this.#had.has(command.session)) throw new Error("it is of a session that is over");
      this.#had.add(command.session);
      this.#isOpen = true;
      return;
    }
    // An agent that was not used is sent away without one.
    if (this.#isOpen || command.type === "end") return;
    throw new Error("it is of no session");
  }

  end(): void {
    this.#isOpen = false;
  }
}
