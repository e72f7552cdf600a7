/** Gathers the row of each agent in the result: what it sent and used, and how punctual it was. */
import { type MachineSpan, sumOfSpans } from "../machine/machine-span.ts";
import type { AgentReport } from "../run/load-pool.ts";
import { agentOf } from "./agent-shares.ts";
import type { WorkerAccount } from "./lost-work.ts";
import type { PhaseDone } from "./protocol.ts";
import type { RemoteAgent } from "./remote-agent.ts";

interface Figures {
  requests: number;
  cpuMicros: number;
  /** At the begin of the phase under way. */
  cpuBeforeMicros: number;
  busyMax: number | null;
  startLateMs: number | null;
  /** While measured load ran. */
  clockUncertaintyNs: number | null;
  /** When it was noted last. */
  clockAheadNs: number | null;
  /** Of each measured phase, in order. */
  spans: MachineSpan[];
}

export class AgentFigures {
  readonly #agents: readonly RemoteAgent[];
  readonly #workers: number;
  readonly #figures: Figures[];

  /** @param workers of all agents */
  constructor(agents: readonly RemoteAgent[], workers: number) {
    this.#agents = agents;
    this.#workers = workers;
    this.#figures = agents.map(({ cpuMicros }) => ({
      ...{ requests: 0, cpuMicros: 0, cpuBeforeMicros: cpuMicros },
      ...{ busyMax: null, startLateMs: null, clockUncertaintyNs: null, clockAheadNs: null },
      spans: [],
    }));
  }

  /** A measured phase begins. */
  begin(): void {
    for (const [at, { cpuMicros }] of this.#agents.entries()) {
      this.#figures[at]!.cpuBeforeMicros = cpuMicros;
    }
    this.#noteClocks();
  }

  /** A second of a measured phase has come. */
  goesOn(worker: number): void {
    const at = agentOf(worker, this.#agents.length);
    this.#noteClock(this.#agents[at]!, this.#figures[at]!);
  }

  /** It has ended, with the reports of the agents that are not lost. */
  end(ends: readonly PhaseDone[], accounts: readonly WorkerAccount[], startNs: number): void {
    for (const [at, { cpuMicros }] of this.#agents.entries()) {
      const figures = this.#figures[at]!;
      figures.cpuMicros += cpuMicros - figures.cpuBeforeMicros;
    }
    this.#noteClocks();
    for (const { worker, ended } of accounts) this.#of(worker).requests += ended;
    for (const { done, machine } of ends) {
      const [first] = done;
      if (first === undefined) continue;
      const figures = this.#of(first.workerIndex);
      if (machine !== null) figures.spans.push(machine);
      for (const { busyFraction, beganNs = startNs } of done) {
        figures.busyMax = Math.max(figures.busyMax ?? 0, busyFraction);
        const lateMs = Math.max(0, (beganNs - startNs) / 1e6);
        figures.startLateMs = Math.max(figures.startLateMs ?? 0, lateMs);
      }
    }
  }

  result(): AgentReport[] {
    return this.#agents.map(({ name, hello, drift, lost, rssBytes }, at) => {
      const { requests, cpuMicros, busyMax, startLateMs, spans } = this.#figures[at]!;
      const { clockUncertaintyNs, clockAheadNs } = this.#figures[at]!;
      const isKnown = drift !== null && Math.abs(drift.ppm) > drift.uncertaintyPpm;
      const row: AgentReport["row"] = {
        name,
        workers: this.#workers / this.#agents.length,
        requests,
        cpuSeconds: cpuMicros / 1e6,
        busyPercentMax: busyMax === null ? null : busyMax * 100,
        rssMaxBytes: rssBytes > 0 ? rssBytes : null,
        startLateMs,
        clockUncertaintyMs: clockUncertaintyNs === null ? null : clockUncertaintyNs / 1e6,
        clockAheadMs: clockAheadNs === null ? null : clockAheadNs / 1e6,
        clockDriftPpm: isKnown ? drift.ppm : null,
        lost,
        environment: hello.environment,
      };
      const isWhole = lost === null && spans.length > 0;
      return { row, host: hello.host, span: isWhole ? spans.reduce(sumOfSpans) : null };
    });
  }

  #noteClocks(): void {
    for (const [at, agent] of this.#agents.entries()) this.#noteClock(agent, this.#figures[at]!);
  }

  #noteClock({ lost, mapping }: RemoteAgent, figures: Figures): void {
    // No message comes from a lost one, so its clock is known worse and worse.
    if (lost !== null) return;
    const { offsetNs, uncertaintyNs } = mapping;
    figures.clockAheadNs = offsetNs;
    figures.clockUncertaintyNs = Math.max(figures.clockUncertaintyNs ?? 0, uncertaintyNs);
  }

  #of(worker: number): Figures {
    return this.#figures[agentOf(worker, this.#agents.length)]!;
  }
}
