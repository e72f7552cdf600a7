/** The group whose agents a command uses: claims it for the command, and tracks who is in it. */
import { type BenchError, flagError, usageError } from "../errors.ts";
import { formatNoun } from "../text/noun.ts";
import type { Coordination } from "./coordination.ts";
import { refusalOf } from "./failures.ts";
import { LEASE_SECONDS } from "./lease.ts";
import { readHello } from "./message-schema.ts";
import { unpack } from "./pack.ts";
import { AGENTS, type Hello, MEMBERS } from "./protocol.ts";

export interface GroupOptions {
  /** Its name. */
  group: string;
  /** How many are wanted. */
  agents: number;
  /** Of each agent. */
  workers: number;
  /** For so many agents to join. */
  withinMs: number;
  say: (line: string) => void;
}

export interface GroupListener {
  /** @param key of the agent's lease */
  onLeft(key: string): void;
  /** @param key of the agent's frames */
  onFrame(key: string, value: Buffer): void;
  /** Nothing is heard of the group any more. */
  onBroken(reason: string): void;
}

export class Group {
  readonly #coordination: Coordination;
  readonly #options: GroupOptions;
  readonly #listener: GroupListener;
  readonly #joined = new Map<string, Hello>();
  #lease = "";
  #onChanged: () => void = () => {};
  #refusal: BenchError | null = null;

  constructor(coordination: Coordination, options: GroupOptions, listener: GroupListener) {
    this.#coordination = coordination;
    this.#options = options;
    this.#listener = listener;
  }

  /** Of this command; empty before `claim`. */
  get lease(): string {
    return this.#lease;
  }

  /** By their names, in the order in which they joined. */
  get members(): ReadonlyMap<string, Hello> {
    return this.#joined;
  }

  /** Keeps other runs out. @throws BenchError (usage) where one has it */
  async claim(): Promise<void> {
    this.#lease = await this.#coordination.lease((reason) => this.#listener.onBroken(reason));
    if (await this.#coordination.claimGroup(this.#lease)) return;
    const { group } = this.#options;
    throw usageError(
      `--agents: another run uses the agents of the group ${group}; wait for its end (${LEASE_SECONDS} s where it was killed), or join agents to another --group`,
    );
  }

  /** Lets another run have it. */
  async leave(): Promise<void> {
    if (this.#lease !== "") await this.#coordination.revoke(this.#lease);
  }

  /**
   * Resolves when as many as wanted have joined, or more.
   * @throws BenchError where they do not come, cannot be used, or were refused
   */
  async gather(): Promise<void> {
    const { agents, withinMs, say, group } = this.#options;
    const { entries, next } = await this.#coordination.list(MEMBERS);
    for (const { name, value } of entries) this.#add(name, value);
    this.#coordination.follow(AGENTS, next, {
      onEvent: ({ kv, isDelete }) =>
        this.#onEvent(this.#coordination.nameOf(kv.key), kv.value, isDelete),
      onBroken: (reason) => this.#listener.onBroken(reason),
    });
    const untilMs = performance.now() + withinMs;
    let told = -1;
    while (this.#joined.size < agents) {
      if (this.#refusal !== null) throw this.#refusal;
      if (told !== this.#joined.size) say(`agents: ${this.#joined.size} of ${agents} have joined`);
      told = this.#joined.size;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) {
        throw flagError(
          "agents",
          `--agents=${agents}: ${formatNoun(told, "agent")} of the group ${group} joined in time; ` +
            "start more with bench agent --join, or give --agents-within more time",
        );
      }
      await this.#nextChange(leftMs);
    }
    if (this.#refusal !== null) throw this.#refusal;
  }

  /** Ends `gather`. */
  refuse(refusal: BenchError): void {
    this.#refusal = refusal;
    this.#onChanged();
  }

  /** Resolves when `isOver` holds, at the latest after that time. */
  async until(isOver: () => boolean, withinMs: number): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (!isOver()) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return;
      await this.#nextChange(leftMs);
    }
  }

  #nextChange(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onChanged = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #onEvent(key: string, value: Buffer, isDelete: boolean): void {
    if (!key.startsWith(MEMBERS)) {
      if (!isDelete) this.#listener.onFrame(key, value);
    } else if (isDelete) {
      this.#joined.delete(key.slice(MEMBERS.length));
      this.#listener.onLeft(key);
      this.#onChanged();
    } else {
      this.#add(key, value);
    }
  }

  #add(key: string, value: Buffer): void {
    const name = key.slice(MEMBERS.length);
    try {
      const hello = readHello(unpack(this.#coordination.key.open(key, value)));
      const { workers } = this.#options;
      if (hello.workers < workers) {
        throw flagError(
          "workers",
          `--workers=${workers}: agent ${name} runs ${formatNoun(hello.workers, "worker")} at most; give fewer, or start it with --workers=${workers}`,
        );
      }
      this.#joined.set(name, hello);
    } catch (error) {
      this.#refusal = refusalOf(name, error as Error);
    }
    this.#onChanged();
  }
}
