/**
 * Gathers the agents of a group for one command, and holds them until it ends: who joined, their clocks, who
 * is lost. Several runs, as those of a search, may go to them one after another.
 */
import { randomBytes } from "node:crypto";
import { sharedNowNs } from "../clock.ts";
import { BenchError, EXIT, flagError, unreachableError, usageError } from "../errors.ts";
import type { LoadPool, PoolOptions, Workforce } from "../run/load-pool.ts";
import { formatNoun } from "../text/noun.ts";
import { AgentPool } from "./agent-pool.ts";
import { Coordination } from "./coordination.ts";
import { lostBefore, refusalOf } from "./failures.ts";
import type { JoinFile } from "./join-file.ts";
import { LEASE_SECONDS } from "./lease.ts";
import { readHello } from "./message-schema.ts";
import { unpack } from "./pack.ts";
import { AGENTS, COORDINATOR, type Hello, MEMBERS, memberKey, reportsKey } from "./protocol.ts";
import { RemoteAgent } from "./remote-agent.ts";

const CHECK_MS = 1_000;
/** Old revisions are compacted when they are as old as this. */
const COMPACT_MS = 20_000;
/** For an agent to answer all pings. */
const CLOCK_WITHIN_MS = 30_000;
/** So many clocks are compared at once: a ping that waits for others' says little of a clock. */
const CLOCKS_AT_ONCE = 64;
/** Afterwards a ping each second goes to half of them, or to so many: clocks are followed, and few pings wait. */
const MOST_PINGS_AT_ONCE = 50;
/** For agents to leave a coordination etcd that ends. */
const LEAVE_MS = 5_000;

export interface SessionOptions {
  join: JoinFile;
  agents: number;
  /** Of each agent. */
  workers: number;
  /** How many may be lost while the run goes on. */
  tolerated: number;
  /** For so many agents to join. */
  withinMs: number;
  say: (line: string) => void;
  /** Ends the wait for agents. */
  stop: AbortSignal;
  /** The coordination etcd ends with the session, and its agents with it. */
  isThrowaway: boolean;
}

export class AgentSession implements Workforce {
  readonly #options: SessionOptions;
  readonly #coordination: Coordination;
  readonly #session = randomBytes(8).toString("hex");
  readonly #joined = new Map<string, Hello>();
  #agents: RemoteAgent[] = [];
  /** By the key of its lease, and by that of its frames. */
  readonly #byKey = new Map<string, RemoteAgent>();
  #lease = "";
  #onChanged: () => void = () => {};
  #refusal: BenchError | null = null;
  #timer: NodeJS.Timeout | undefined;
  #compactedMs = performance.now();
  /** Where among the agents the next pings go to. */
  #turn = 0;
  #compactTo = 0;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#coordination = new Coordination(options.join);
  }

  /**
   * Resolves when all agents have joined and their clocks are known.
   * @param check gets the id of the coordination etcd's cluster first
   * @throws BenchError where they do not come, or cannot be used, or the user interrupts it
   */
  static async gather(
    options: SessionOptions,
    check: (clusterId: string | null) => void,
  ): Promise<AgentSession> {
    const session = new AgentSession(options);
    const { stop } = options;
    const onStop = () => session.#loseAll("the command was interrupted");
    stop.addEventListener("abort", onStop);
    try {
      stop.throwIfAborted();
      check(await session.#coordination.clusterId());
      await session.#claimGroup();
      await session.#gather();
      await session.#mapClocks();
      session.#timer = setInterval(() => session.#tick(), CHECK_MS);
      return session;
    } catch (error) {
      await session.end();
      if (!stop.aborted) throw error;
      throw new BenchError("interrupted: no load was sent", EXIT.interrupted, { cause: error });
    } finally {
      stop.removeEventListener("abort", onStop);
    }
  }

  /** A run after a loss would be dealt otherwise than those before it, so there is none. */
  ready(): void {
    const lost = this.#agents.find((agent) => agent.lost !== null);
    if (lost === undefined) return;
    throw lostBefore(lost);
  }

  open(options: PoolOptions, maySendMemory: boolean): LoadPool {
    const { tolerated } = this.#options;
    return new AgentPool(options, { agents: this.#agents, tolerated, maySendMemory });
  }

  /** Lets the agents go. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    const { isThrowaway } = this.#options;
    // Those that were not used wait for the next run, of which there is none then.
    const agents = isThrowaway ? [...this.#agents, ...this.#spare()] : this.#agents;
    for (const agent of agents) {
      agent.onLost = () => {};
      agent.send({ type: "end", isLast: isThrowaway });
    }
    await Promise.all(agents.map((agent) => agent.flush()));
    if (isThrowaway) await this.#untilLeft(agents);
    await this.#leave();
  }

  #spare(): RemoteAgent[] {
    const used = new Set(this.#agents.map(({ name }) => name));
    return [...this.#joined].filter(([name]) => !used.has(name)).map((each) => this.#agentOf(each));
  }

  /** Else the last that they see of the coordination etcd would be that it does not answer. */
  async #untilLeft(agents: readonly RemoteAgent[]): Promise<void> {
    const untilMs = performance.now() + LEAVE_MS;
    const isThere = ({ name, lost }: RemoteAgent) => lost === null && this.#joined.has(name);
    while (agents.some(isThere)) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return;
      await this.#nextChange(leftMs);
    }
  }

  /** Lets another run have the group. */
  async #leave(): Promise<void> {
    if (this.#lease !== "") await this.#coordination.revoke(this.#lease);
    this.#coordination.close();
  }

  async #claimGroup(): Promise<void> {
    const { join } = this.#options;
    this.#lease = await this.#coordination.lease((reason) => this.#loseAll(reason));
    const claimed = await this.#coordination.claim(COORDINATOR, Buffer.alloc(0), this.#lease);
    if (claimed !== null) return;
    throw usageError(
      `--agents: another run uses the agents of the group ${join.group}; wait for its end (${LEASE_SECONDS} s where it was killed), or join agents to another --group`,
    );
  }

  async #gather(): Promise<void> {
    const { agents, withinMs, say, join } = this.#options;
    const { entries, next } = await this.#coordination.list(MEMBERS);
    for (const { name, value } of entries) this.#addMember(name, value);
    this.#coordination.follow(AGENTS, next, {
      onEvent: ({ kv, isDelete }) =>
        this.#onEvent(this.#coordination.nameOf(kv.key), kv.value, isDelete),
      onBroken: (reason) => this.#loseAll(reason),
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
          `--agents=${agents}: ${formatNoun(told, "agent")} of the group ${join.group} joined in time; ` +
            "start more with bench agent --join, or give --agents-within more time",
        );
      }
      await this.#nextChange(leftMs);
    }
    if (this.#refusal !== null) throw this.#refusal;
    const spare = this.#joined.size - agents;
    if (spare > 0) say(`agents: ${formatNoun(spare, "more agent")} of the group will not be used`);
    this.#agents = [...this.#joined].slice(0, agents).map((each) => this.#agentOf(each));
    for (const agent of this.#agents) {
      this.#byKey.set(memberKey(agent.name), agent).set(reportsKey(agent.name), agent);
    }
  }

  #agentOf([name, hello]: readonly [string, Hello]): RemoteAgent {
    const of = { session: this.#session, lease: this.#lease };
    return new RemoteAgent({ name, hello }, this.#coordination, of);
  }

  /** Of who is in the group. */
  #nextChange(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onChanged = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #mapClocks(): Promise<void> {
    const waiting = [...this.#agents];
    const mapNext = async () => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
        await this.#mapClock(agent);
      }
    };
    await Promise.all(Array.from({ length: CLOCKS_AT_ONCE }, mapNext));
    this.ready();
  }

  async #mapClock(agent: RemoteAgent): Promise<void> {
    // One that is lost ends the session.
    if (this.#agents.some(({ lost }) => lost !== null)) return;
    const timer = setTimeout(() => agent.lose("it does not answer"), CLOCK_WITHIN_MS);
    agent.send({ type: "session", session: agent.session });
    await agent.mapClock();
    clearTimeout(timer);
  }

  #onEvent(name: string, value: Buffer, isDelete: boolean): void {
    if (name.startsWith(MEMBERS)) {
      if (!isDelete) {
        this.#addMember(name, value);
        return;
      }
      this.#joined.delete(name.slice(MEMBERS.length));
      this.#byKey.get(name)?.lose("it left, or its lease ended");
      this.#onChanged();
    } else if (!isDelete) {
      this.#byKey.get(name)?.take(value);
    }
  }

  #addMember(key: string, value: Buffer): void {
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

  #loseAll(reason: string): void {
    for (const agent of this.#agents) agent.lose(reason);
    // Before any agent is taken, the run would wait for some that it could not hear.
    this.#refusal = unreachableError(
      `--agents: ${reason}; check that the coordination etcd runs, then start anew`,
    );
    this.#onChanged();
  }

  #pingNext(): void {
    const count = Math.min(Math.ceil(this.#agents.length / 2), MOST_PINGS_AT_ONCE);
    for (let ping = 0; ping < count; ping++) {
      const agent = this.#agents[this.#turn++ % this.#agents.length]!;
      if (agent.lost === null) agent.ping();
    }
  }

  /** Finds agents that are silent, follows their clocks, and has old revisions compacted. */
  #tick(): void {
    const silentNs = LEASE_SECONDS * 1e9;
    for (const agent of this.#agents) {
      const sinceNs = Math.max(agent.heardNs, agent.expectsFramesFromNs);
      if (sharedNowNs() - sinceNs > silentNs) {
        agent.lose(`no frame came from it for ${LEASE_SECONDS} s`);
      }
    }
    this.#pingNext();
    if (performance.now() - this.#compactedMs < COMPACT_MS) return;
    this.#compactedMs = performance.now();
    const { revision } = this.#coordination;
    // What was seen by the last time is old enough for all agents to have it.
    if (this.#compactTo > 0 && this.#compactTo < revision) {
      this.#coordination.compact(this.#compactTo).catch(() => {
        // Another coordinator of this etcd has compacted more, or the next time does.
      });
    }
    this.#compactTo = revision;
  }
}
