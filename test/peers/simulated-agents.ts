/**
 * Agents without workers: they join a coordination etcd, answer its commands and send frames of seconds that
 * were made before, so that one process is a thousand of them. On a machine that is too slow for that a second
 * takes longer: the next one begins when all frames of the one before are in the coordination etcd.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Coordination } from "../../src/agents/coordination.ts";
import { Opener, PROTOCOL_VERSION, Sealer } from "../../src/agents/envelope.ts";
import type { JoinFile } from "../../src/agents/join-file.ts";
import { pack } from "../../src/agents/pack.ts";
import {
  COMMANDS,
  type Command,
  commandsKey,
  type Frame,
  type Hello,
  memberKey,
  type Report,
  reportsKey,
} from "../../src/agents/protocol.ts";
import { sharedNowNs } from "../../src/clock.ts";
import type { PhaseCommand, PhaseDoneMessage, WorkerSetup } from "../../src/load/messages.ts";
import type { RecorderSnapshot } from "../../src/load/recording/recorder.ts";
import { describeEnvironment } from "../../src/result/environment.ts";

const SECOND_MS = 1_000;
/** Puts under way at once. */
const PUTS_AT_ONCE = 8;

export interface SimulatedOptions {
  join: JoinFile;
  count: number;
  /** What each worker records in each second, by turns. */
  seconds?: readonly RecorderSnapshot[];
  /** That they write. */
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
  /** Seconds whose frames are all in the coordination etcd. */
  rounds = 0;
  /** Frames that are in the coordination etcd, and their octets. */
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
    const { tool, node, kernel, cpuModel, cpus, cpusAvailable } = describeEnvironment();
    const environment = { tool, node, kernel, cpuModel, cpus, cpusAvailable };
    const hello: Hello = { workers: 1, environment };
    const packed = pack(hello);
    const joinOne = async ({ name }: SimulatedAgent) => {
      const place = memberKey(name);
      await this.#coordination.put(place, key.seal(place, packed, version), this.#lease);
    };
    await Promise.all(this.#agents.map(joinOne));
  }

  /** Once all agents measure, until none does. */
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
      // What is on its way when they leave is cut off.
      if (!this.#hasLeft) throw error;
    }
  }
}

interface Calls {
  put(chunk: Buffer): Promise<void>;
  /** Its measured phase has begun. */
  begun(): void;
}

interface Simulated {
  command: PhaseCommand;
  startNs: number;
  beganNs: number;
  hasBegun: boolean;
  seconds: number;
  started: number;
}

class SimulatedAgent {
  readonly name: string;
  readonly #seconds: readonly RecorderSnapshot[];
  readonly #coordination: Coordination;
  readonly #calls: Calls;
  #opener: Opener | null = null;
  #sealer: Sealer | null = null;
  #session = "";
  #setup: WorkerSetup | null = null;
  #sending: Promise<void> = Promise.resolve();
  #held: Report[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Of the phase under way. */
  #phase: Simulated | null = null;

  constructor(
    name: string,
    seconds: readonly RecorderSnapshot[],
    coordination: Coordination,
    calls: Calls,
  ) {
    this.name = name;
    this.#seconds = seconds;
    this.#coordination = coordination;
    this.#calls = calls;
  }

  take(chunk: Buffer, isFirst: boolean): void {
    const heardNs = sharedNowNs();
    if (isFirst) this.#opener = new Opener(this.#coordination.key, commandsKey(this.name));
    const taken = this.#opener?.take(chunk);
    if (taken != null) this.#carryOut(taken.message as Command, heardNs);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#phase = null;
  }

  #carryOut(command: Command, heardNs: number): void {
    switch (command.type) {
      case "session":
        this.#session = command.session;
        this.#sealer = new Sealer(
          this.#coordination.key,
          `${command.session}/${reportsKey(this.name)}`,
        );
        break;
      case "ping":
        this.#pong({ type: "pong", number: command.number, heardNs });
        break;
      case "setup": {
        const [setup] = command.setups;
        this.#setup = setup!;
        const { workerIndex } = setup!.share;
        this.#report({ type: "opened", opened: [{ type: "opened", workerIndex }] });
        break;
      }
      case "phase":
        this.#begin(command.command);
        break;
      case "stop":
        this.#finish();
        break;
      case "close":
        this.#report({ type: "closed", memories: [] });
        break;
      case "end":
        this.end();
    }
  }

  #begin(command: PhaseCommand): void {
    const { startNs } = command;
    const phase = {
      ...{ command, startNs, beganNs: startNs, hasBegun: false },
      ...{ seconds: 0, started: 0 },
    };
    this.#phase = phase;
    this.#at(startNs, () => {
      phase.beganNs = Math.max(startNs, sharedNowNs());
      // What is not measured is over when it begins.
      if (!command.isMeasured) this.#finish();
      else {
        phase.hasBegun = true;
        this.#calls.begun();
      }
    });
  }

  #at(timeNs: number, act: () => void): void {
    this.#timer = setTimeout(act, Math.max(0, (timeNs - sharedNowNs()) / 1e6));
  }

  get isMeasuring(): boolean {
    return this.#phase?.hasBegun === true;
  }

  /** Resolves when its frames are in the coordination etcd. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  /** Sends the next second, and what ends its phase where it was the last. */
  second(): void {
    const phase = this.#phase;
    if (phase === null) return;
    const { command, startNs } = phase;
    const interval = phase.seconds++;
    const fromNs = startNs + interval * SECOND_MS * 1e6;
    const toNs = fromNs + SECOND_MS * 1e6;
    const { workerIndex } = this.#setup!.share;
    const recorded = this.#seconds[(workerIndex + interval) % this.#seconds.length]!;
    phase.started += recorded.succeeded + recorded.failed;
    this.#report({
      type: "second",
      worker: workerIndex,
      second: {
        snapshot: {
          ...{ type: "snapshot", phaseId: command.id, interval, fromNs, toNs },
          readyConnections: 1,
          progress: { answered: recorded.succeeded, unanswered: 0, lastFailure: "" },
          sending: { due: recorded.succeeded, started: recorded.succeeded, busyFraction: 0.3 },
        },
        recorded: [recorded],
      },
    });
    if (command.durationMs !== null && phase.seconds * SECOND_MS >= command.durationMs) {
      this.#finish();
    }
  }

  #finish(): void {
    const phase = this.#phase;
    if (phase === null) return;
    this.end();
    const { command, startNs, beganNs, seconds, started } = phase;
    const endNs = startNs + seconds * SECOND_MS * 1e6;
    const done: PhaseDoneMessage = {
      ...{ type: "phase-done", phaseId: command.id, started, dropped: 0 },
      workerIndex: this.#setup!.share.workerIndex,
      ...{ lastEndNs: endNs, lastSendNs: endNs, lastDueNs: endNs, beganNs },
      ...{ busyFraction: 0.3, eventLoopDelayP50Ms: 0, eventLoopDelayP99Ms: 0 },
      cpuWaitFraction: null,
      unmeasured: command.isMeasured ? null : { succeeded: 0, failed: 0, errors: [] },
    };
    this.#report({ type: "phase-done", done: [done] });
  }

  /** While load runs it goes with the next frame, as of an agent. */
  #pong(pong: Report): void {
    if (this.isMeasuring) this.#held.push(pong);
    else this.#report(pong);
  }

  #report(report: Report): void {
    const reports = [...this.#held, report];
    this.#held = [];
    const frame: Frame = {
      ...{ session: this.#session, sentNs: sharedNowNs(), reports },
      ...{ cpuMicros: 0, rssBytes: 1e8 },
    };
    const chunks = this.#sealer!.chunksOf(frame);
    this.#sending = this.#sending.then(async () => {
      for (const chunk of chunks) await this.#calls.put(chunk);
    });
  }
}
