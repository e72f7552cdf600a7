/**
 * Simulates up to a thousand agents in one process: they join a coordination etcd, answer commands
 * and send prepared seconds of data. On a slow machine a second takes longer, because the next one
 * starts when all frames of the previous one are stored.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Coordination } from "../../src/agents/coordination.ts";
import { PROTOCOL_VERSION } from "../../src/agents/envelope.ts";
import type { JoinFile } from "../../src/agents/join-file.ts";
import { pack } from "../../src/agents/pack.ts";
import {
  COMMANDS,
  commandsKey,
  type Hello,
  memberKey,
  reportsKey,
} from "../../src/agents/protocol.ts";
import type { RecorderSnapshot } from "../../src/load/recording/recorder.ts";
import { describeAgentEnvironment } from "../../src/result/environment.ts";
import { ownHost } from "../../src/run/host.ts";
import { SECOND_MS, SimulatedAgent } from "./simulated-agent.ts";

/** Number of puts in flight. */
const PUTS_AT_ONCE = 8;

export interface SimulatedOptions {
  join: JoinFile;
  count: number;
  /** The recordings that each worker repeats, one for each second. */
  seconds?: readonly RecorderSnapshot[];
  /** The protocol version that the agents write. */
  version?: number;
}

export class SimulatedAgents {
  readonly #coordination: Coordination;
  readonly #agents: SimulatedAgent[];
  readonly #byKey: Map<string, SimulatedAgent>;
  readonly #options: SimulatedOptions;
  #lease = "";
  #hasLeft = false;
  #isSending = false;
  /** Number of seconds with all frames stored in the coordination etcd. */
  rounds = 0;
  /** Stored frames and their size. */
  readonly sent = { frames: 0, bytes: 0 };

  static async join(options: SimulatedOptions): Promise<SimulatedAgents> {
    const agents = new SimulatedAgents(options);
    await agents.#join();
    return agents;
  }

  private constructor(options: SimulatedOptions) {
    this.#options = options;
    this.#coordination = new Coordination(options.join);
    this.#agents = Array.from({ length: options.count }, (_, number) => {
      const name = `simulated-${number}`;
      return new SimulatedAgent(name, options.seconds ?? [], this.#coordination, {
        put: (bytes) => this.#put(name, bytes),
        begun: () => this.#sendRounds(),
      });
    });
    this.#byKey = new Map(this.#agents.map((agent) => [commandsKey(agent.name), agent]));
  }

  async leave(): Promise<void> {
    this.#hasLeft = true;
    for (const agent of this.#agents) agent.end();
    await this.#coordination.revoke(this.#lease);
    this.#coordination.close();
  }

  async #join(): Promise<void> {
    const { version = PROTOCOL_VERSION } = this.#options;
    const { key } = this.#coordination;
    this.#lease = await this.#coordination.lease(() => {
      for (const agent of this.#agents) agent.end();
    });
    const { next } = await this.#coordination.list(COMMANDS);
    this.#coordination.follow(COMMANDS, next, {
      onEvent: ({ isDelete, kv }) => {
        const agent = this.#byKey.get(this.#coordination.nameOf(kv.key));
        if (isDelete) agent?.end();
        else agent?.take(kv.value, kv.version === 1);
      },
      onBroken: () => {},
    });
    const hello: Hello = {
      workers: 1,
      environment: describeAgentEnvironment(),
      host: ownHost(),
    };
    const packed = pack(hello);
    const joinOne = async ({ name }: SimulatedAgent) => {
      const place = memberKey(name);
      await this.#coordination.put(place, key.seal(place, packed, version), this.#lease);
    };
    await Promise.all(this.#agents.map(joinOne));
  }

  /** Starts when all agents measure, and stops when none does. */
  async #sendRounds(): Promise<void> {
    if (this.#isSending || !this.#agents.every((agent) => agent.isMeasuring)) return;
    this.#isSending = true;
    while (this.#agents.some((agent) => agent.isMeasuring)) {
      const startMs = performance.now();
      const waiting = [...this.#agents];
      const sendNext = async () => {
        for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
          agent.second();
          await agent.flush();
        }
      };
      await Promise.all(Array.from({ length: PUTS_AT_ONCE }, sendNext));
      this.rounds += 1;
      await delay(Math.max(0, startMs + SECOND_MS - performance.now()));
    }
    this.#isSending = false;
  }

  async #put(name: string, chunk: Buffer): Promise<void> {
    try {
      await this.#coordination.put(reportsKey(name), chunk, this.#lease);
      this.sent.frames += 1;
      this.sent.bytes += chunk.length;
    } catch (error) {
      // Requests in flight at the end are cancelled.
      if (!this.#hasLeft) throw error;
    }
  }
}
