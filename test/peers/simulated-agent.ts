/** An agent without workers: it answers commands and sends prepared seconds of data. */
import type { Coordination } from "../../src/agents/coordination.ts";
import { Opener, Sealer } from "../../src/agents/envelope.ts";
import {
  type Command,
  commandsKey,
  type Frame,
  type Report,
  reportsKey,
} from "../../src/agents/protocol.ts";
import { sharedNowNs } from "../../src/clock.ts";
import type { PhaseCommand, PhaseDoneMessage, WorkerSetup } from "../../src/load/messages.ts";
import type { RecorderSnapshot } from "../../src/load/recording/recorder.ts";

export const SECOND_MS = 1_000;

export interface SimulatedCalls {
  put(chunk: Buffer): Promise<void>;
  /** Called when its measured phase begins. */
  begun(): void;
}

/** The state of a phase. */
interface SimulatedPhase {
  command: PhaseCommand;
  startNs: number;
  beganNs: number;
  hasBegun: boolean;
  seconds: number;
  started: number;
}

export class SimulatedAgent {
  readonly name: string;
  readonly #seconds: readonly RecorderSnapshot[];
  readonly #coordination: Coordination;
  readonly #calls: SimulatedCalls;
  #opener: Opener | null = null;
  #sealer: Sealer | null = null;
  #session = "";
  #setup: WorkerSetup | null = null;
  #sending: Promise<void> = Promise.resolve();
  #held: Report[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The current phase. */
  #phase: SimulatedPhase | null = null;

  constructor(
    name: string,
    seconds: readonly RecorderSnapshot[],
    coordination: Coordination,
    calls: SimulatedCalls,
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
      // A phase that is not measured ends immediately.
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

  /** Resolves when all its frames are stored in the coordination etcd. */
  async flush(): Promise<void> {
    await this.#sending;
  }

  /** Sends the next second; after the last one, also the end of the phase. */
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
      carried: null,
    };
    this.#report({ type: "phase-done", done: [done], machine: null });
  }

  /** During load, the reply goes with the next frame, as a real agent sends it. */
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
