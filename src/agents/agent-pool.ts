/** The workers of a run on its agents: the same interface as threads of this process have. */
import { sharedNowNs } from "../clock.ts";
import { BenchError, EXIT, flagError, unreachableError } from "../errors.ts";
import type { TokenGiver } from "../etcd/control-client.ts";
import { isFinalRefusal } from "../etcd/token-source.ts";
import type {
  OpenedMessage,
  PhaseCommand,
  PhaseDoneMessage,
  WorkerSetup,
} from "../load/messages.ts";
import type { AgentResult } from "../result/schema.ts";
import type { LoadPool, PoolListener, PoolOptions } from "../run/load-pool.ts";
import { AgentFigures } from "./agent-figures.ts";
import { agentOf, dealtToAgents } from "./agent-shares.ts";
import { WorkerAccount } from "./lost-work.ts";
import { pack } from "./pack.ts";
import type { Command, Report, Second } from "./protocol.ts";
import type { RemoteAgent } from "./remote-agent.ts";

/** In addition to the slowest way to an agent, both for the command and for its answer. */
const LEAST_START_DELAY_NS = 300e6;
const WAYS = 4;
/** For the commands that leave before an agent's own. */
const START_DELAY_OF_AGENT_NS = 1e6;
const CLOSE_MS = 5_000;

export interface AgentsOfPool {
  agents: readonly RemoteAgent[];
  /** How many may be lost while the run goes on. */
  tolerated: number;
}

/** What all agents are asked for. */
interface Asked {
  /** By agent, what it answered. */
  answers: Map<RemoteAgent, Report>;
  resolve: () => void;
  reject: (error: Error) => void;
}

export class AgentPool implements LoadPool {
  readonly size: number;
  readonly startDelayNs: number;
  readonly #agents: readonly RemoteAgent[];
  readonly #tolerated: number;
  readonly #setups: readonly WorkerSetup[];
  readonly #transport: PoolOptions["transport"];
  readonly #listener: PoolListener;
  readonly #tokens: TokenGiver | null;
  readonly #figures: AgentFigures;
  #asked: Asked | null = null;
  #isClosed = false;
  #rssBytes = 0;
  #lost = 0;
  /** When the phase under way was stopped; Infinity: it was not. */
  #stoppedNs = Number.POSITIVE_INFINITY;
  /** By worker, of the phase under way. */
  #accounts: WorkerAccount[] = [];

  constructor({ setups, transport, listener, tokens }: PoolOptions, of: AgentsOfPool) {
    refuseSharedMemory(setups[0]!);
    this.size = setups.length;
    this.#setups = setups;
    this.#transport = transport;
    this.#listener = listener;
    this.#tokens = tokens;
    this.#agents = of.agents;
    this.#tolerated = of.tolerated;
    this.#figures = new AgentFigures(of.agents, setups.length);
    const slowestNs = Math.max(...of.agents.map(({ mapping }) => mapping.uncertaintyNs));
    this.startDelayNs =
      LEAST_START_DELAY_NS + WAYS * slowestNs + START_DELAY_OF_AGENT_NS * of.agents.length;
    this.#lost = of.agents.filter(({ lost }) => lost !== null).length;
    for (const agent of of.agents) {
      agent.onReport = (report) => this.#onReport(agent, report);
      agent.onLost = () => this.#onLost(agent);
    }
  }

  get cpuMicros(): number {
    return this.#agents.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);
  }

  get rssBytes(): number {
    return this.#rssBytes;
  }

  async open(): Promise<OpenedMessage[]> {
    const setups = dealtToAgents(this.#setups, this.#agents.length);
    const answers = await this.#ask((agent, at) => ({
      ...{ type: "setup", transport: this.#transport, setups: setups[at]! },
      offsetNs: agent.mapping.offsetNs,
    }));
    return answers.flatMap((answer) => (answer.type === "opened" ? answer.opened : []));
  }

  async runPhase(command: PhaseCommand): Promise<PhaseDoneMessage[]> {
    this.#accounts = this.#setups.map((setup) => new WorkerAccount(setup, command));
    for (const agent of this.#agents) agent.expectsFramesFromNs = command.startNs;
    this.#stoppedNs = Number.POSITIVE_INFINITY;
    if (command.isMeasured) this.#figures.begin();
    try {
      const answers = await this.#ask(() => ({ type: "phase", command }));
      const done = answers.flatMap((answer) => (answer.type === "phase-done" ? answer.done : []));
      if (command.isMeasured) this.#figures.end(done, this.#accounts, command.startNs);
      return [...done, ...this.#doneOfLost(done)];
    } finally {
      for (const agent of this.#agents) agent.expectsFramesFromNs = Number.POSITIVE_INFINITY;
    }
  }

  stop(drainMs: number): void {
    this.#stoppedNs = Math.min(this.#stoppedNs, sharedNowNs());
    this.#send({ type: "stop", drainMs });
  }

  markEvent(isBegin: boolean, atNs: number): void {
    this.#send({ type: "event", isBegin, atNs });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#send({ type: "close" });
    const flushed = Promise.all(this.#agents.map((agent) => agent.flush()));
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([flushed, timeout]);
    clearTimeout(timer);
  }

  agents(): AgentResult[] {
    return this.#figures.result();
  }

  #send(command: Command): void {
    for (const agent of this.#agents) if (agent.lost === null) agent.send(command);
  }

  /** Resolves when all that are not lost have answered. */
  async #ask(commandFor: (agent: RemoteAgent, at: number) => Command): Promise<Report[]> {
    const answers = new Map<RemoteAgent, Report>();
    await new Promise<void>((resolve, reject) => {
      this.#asked = { answers, resolve, reject };
      for (const [at, agent] of this.#agents.entries()) {
        if (agent.lost === null) agent.send(commandFor(agent, at));
      }
      this.#settle();
    });
    return [...answers.values()];
  }

  #onReport(agent: RemoteAgent, report: Report): void {
    switch (report.type) {
      case "second":
        this.#onSecond(agent, report.worker, report.second);
        break;
      case "pause":
        this.#listener.onPause(report.pause, report.worker);
        break;
      case "requests":
        this.#listener.onRequests(report.requests);
        break;
      case "token-wanted":
        void this.#renewToken(agent, report.refused);
        break;
      case "failed":
        this.#asked?.reject(failureOf(agent, report));
        return;
      default:
        agent.expectsFramesFromNs = Number.POSITIVE_INFINITY;
        this.#asked?.answers.set(agent, report);
        this.#settle();
    }
  }

  #onSecond(agent: RemoteAgent, worker: number, second: Second): void {
    const account = this.#accounts[worker];
    const isItsOwn = this.#agents[agentOf(worker, this.#agents.length)] === agent;
    if (account === undefined || !isItsOwn) {
      agent.lose("it reported for another's worker");
      return;
    }
    account.add(second);
    this.#rssBytes = Math.max(this.#rssBytes, agent.rssBytes);
    this.#pass(second, worker);
    if (this.#lost === 0) return;
    for (const lost of this.#lostAccounts()) {
      for (const each of lost.emptySeconds(second.snapshot)) this.#pass(each, lost.worker);
    }
  }

  #pass({ snapshot, recorded }: Second, worker: number): void {
    this.#listener.onSnapshot(snapshot, recorded, worker);
  }

  #onLost(agent: RemoteAgent): void {
    if (this.#isClosed) return;
    this.#lost += 1;
    if (this.#lost > this.#tolerated || this.#lost === this.#agents.length) {
      this.#listener.onLost(`agent ${agent.name} was lost: ${agent.lost}`);
    }
    this.#settle();
  }

  #settle(): void {
    const asked = this.#asked;
    if (asked === null) return;
    if (this.#agents.some((agent) => agent.lost === null && !asked.answers.has(agent))) return;
    this.#asked = null;
    asked.resolve();
  }

  #lostAccounts(): WorkerAccount[] {
    return this.#accounts.filter(({ worker }) => {
      return this.#agents[agentOf(worker, this.#agents.length)]!.lost !== null;
    });
  }

  /** What was due on lost agents, until the last of the others ended. */
  #doneOfLost(done: readonly PhaseDoneMessage[]): PhaseDoneMessage[] {
    const known = new Set(done.map(({ workerIndex }) => workerIndex));
    const endNs =
      done.reduce((last, { lastEndNs }) => Math.max(last, lastEndNs), 0) || sharedNowNs();
    return this.#lostAccounts()
      .filter(({ worker }) => !known.has(worker))
      .map((account) => {
        const { last, done: own } = account.end(endNs, this.#stoppedNs);
        if (last !== null) this.#pass(last, account.worker);
        return own;
      });
  }

  async #renewToken(agent: RemoteAgent, refused: string): Promise<void> {
    try {
      const token = (await this.#tokens?.renew(refused)) ?? null;
      agent.send({ type: "token", refused, token });
    } catch (error) {
      const reason = (error as Error).message;
      agent.send({ type: "token-failed", refused, reason, isFinal: isFinalRefusal(error) });
    }
  }
}

function failureOf(
  { name }: RemoteAgent,
  { reason, exitCode }: Extract<Report, { type: "failed" }>,
): Error {
  const text = `agent ${name}: ${reason}`;
  if (exitCode === EXIT.unreachable) return unreachableError(text);
  return exitCode === null ? new Error(text) : new BenchError(text, EXIT.failed);
}

/** Machines have no memory in common. @throws BenchError (usage) */
function refuseSharedMemory(setup: WorkerSetup): void {
  try {
    pack(setup);
  } catch (cause) {
    const kinds = setup.operations.map(({ kind }) => kind).join(", ");
    throw flagError(
      "agents",
      `--agents: the workers of this load (${kinds}) share memory, which machines cannot; leave --agents out`,
      cause,
    );
  }
}
