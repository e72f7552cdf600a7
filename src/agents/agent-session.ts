/**
 * Has agents of a group send the load of one command until it ends: their clocks, who is lost. Several runs,
 * as those of a search, may go to them one after another.
 */
import { randomBytes } from "node:crypto";
import { sharedNowNs } from "../clock.ts";
import { BenchError, EXIT, unreachableError } from "../errors.ts";
import type { LoadPool, PoolOptions, Workforce } from "../run/load-pool.ts";
import { formatNoun } from "../text/noun.ts";
import { AgentPool } from "./agent-pool.ts";
import { Coordination } from "./coordination.ts";
import { lostBefore } from "./failures.ts";
import { Group } from "./group.ts";
import type { JoinFile } from "./join-file.ts";
import { LEASE_SECONDS } from "./lease.ts";
import { type Hello, memberKey, reportsKey } from "./protocol.ts";
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
  readonly #group: Group;
  #agents: RemoteAgent[] = [];
  /** By the key of its lease, and by that of its frames. */
  readonly #byKey = new Map<string, RemoteAgent>();
  #timer: NodeJS.Timeout | undefined;
  #compactedMs = performance.now();
  /** Where among the agents the next pings go to. */
  #turn = 0;
  #compactTo = 0;

  private constructor(options: SessionOptions) {
    this.#options = options;
    this.#coordination = new Coordination(options.join);
    this.#group = new Group(
      this.#coordination,
      { ...options, group: options.join.group },
      {
        onLeft: (key) => this.#byKey.get(key)?.lose("it left, or its lease ended"),
        onFrame: (key, value) => this.#byKey.get(key)?.take(value),
        onBroken: (reason) => this.#loseAll(reason),
      },
    );
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
      await session.#group.claim();
      await session.#group.gather();
      session.#take();
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
    if (isThrowaway) {
      // Else the last that they see of the coordination etcd would be that it does not answer.
      const isThere = ({ name, lost }: RemoteAgent) =>
        lost === null && this.#group.members.has(name);
      await this.#group.until(() => !agents.some(isThere), LEAVE_MS);
    }
    await this.#group.leave();
    this.#coordination.close();
  }

  #spare(): RemoteAgent[] {
    const used = new Set(this.#agents.map(({ name }) => name));
    return [...this.#group.members]
      .filter(([name]) => !used.has(name))
      .map((each) => this.#agentOf(each));
  }

  /** Of those who have joined. */
  #take(): void {
    const { agents, say } = this.#options;
    const joined = [...this.#group.members];
    const spare = joined.length - agents;
    if (spare > 0) say(`agents: ${formatNoun(spare, "more agent")} of the group will not be used`);
    this.#agents = joined.slice(0, agents).map((each) => this.#agentOf(each));
    for (const agent of this.#agents) {
      this.#byKey.set(memberKey(agent.name), agent).set(reportsKey(agent.name), agent);
    }
  }

  #agentOf([name, hello]: readonly [string, Hello]): RemoteAgent {
    const of = { session: this.#session, lease: this.#group.lease };
    return new RemoteAgent({ name, hello }, this.#coordination, of);
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

  #loseAll(reason: string): void {
    for (const agent of this.#agents) agent.lose(reason);
    // Before any agent is taken, the run would wait for some that it could not hear.
    this.#group.refuse(
      unreachableError(
        `--agents: ${reason}; check that the coordination etcd runs, then start anew`,
      ),
    );
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
