/** The workers of a run on its agents: the same interface as threads of this process have. */
import { sharedNowNs } from "../clock.ts";
import type { TokenGiver } from "../etcd/control-client.ts";
import type {
  OpenedMessage,
  PhaseCommand,
  PhaseDoneMessage,
  WorkerSetup,
} from "../load/messages.ts";
import type { AgentReport, LoadPool, PoolListener, PoolOptions } from "../run/load-pool.ts";
import { AgentFigures } from "./agent-figures.ts";
import { agentOf, dealtToAgents } from "./agent-shares.ts";
import { failureOf, lostBefore } from "./failures.ts";
import { WorkerAccount } from "./lost-work.ts";
import type { Command, Report, Second } from "./protocol.ts";
import { type Answer, Question } from "./question.ts";
import type { RemoteAgent } from "./remote-agent.ts";
import { LentMemory } from "./shared-memory.ts";
import { giveToken } from "./wanted-tokens.ts";

/** In addition to the slowest way to an agent, both for the command and for its answer. */
const LEAST_START_DELAY_NS = 300e6;
const WAYS = 4;
/** For the commands that leave before an agent's own. */
const START_DELAY_OF_AGENT_NS = 1e6;

export interface AgentsOfPool {
  agents: readonly RemoteAgent[];
  /** How many may be lost while the run goes on. */
  tolerated: number;
  /** Whether memory that workers share may go to agents. */
  maySendMemory: boolean;
}

export class AgentPool implements LoadPool {
  readonly size: number;
  readonly #agents: readonly RemoteAgent[];
  readonly #tolerated: number;
  readonly #setups: readonly WorkerSetup[];
  readonly #transport: PoolOptions["transport"];
  readonly #listener: PoolListener;
  readonly #tokens: TokenGiver | null;
  readonly #figures: AgentFigures;
  /** That the workers of each agent share. */
  readonly #memory: LentMemory;
  #question: Question | null = null;
  /** The phase under way, or the last one. */
  #phase: PhaseCommand | null = null;
  #isClosed = false;
  #rssBytes = 0;
  #lost = 0;
  /** When the phase under way was stopped; Infinity: it was not. */
  #stoppedNs = Number.POSITIVE_INFINITY;
  /** By worker, of the phase under way. */
  #accounts: WorkerAccount[] = [];

  constructor(options: PoolOptions, of: AgentsOfPool) {
    const { setups, transport, listener, tokens } = options;
    this.size = setups.length;
    this.#setups = setups;
    this.#transport = transport;
    this.#listener = listener;
    this.#tokens = tokens;
    this.#agents = of.agents;
    this.#tolerated = of.tolerated;
    this.#figures = new AgentFigures(of.agents, setups.length);
    this.#memory = new LentMemory(setups);
    if (!of.maySendMemory && !this.#memory.isEmpty) {
      throw new Error("workers share memory, and the workload does not say by againstAgents how");
    }
    this.#lost = of.agents.filter(({ lost }) => lost !== null).length;
    for (const agent of of.agents) {
      agent.onReport = (report) => this.#onReport(agent, report);
      agent.onLost = () => this.#onLost(agent);
    }
  }

  get startDelayNs(): number {
    const there = this.#agents.filter(({ lost }) => lost === null);
    const slowestNs = Math.max(0, ...there.map(({ mapping }) => mapping.uncertaintyNs));
    return LEAST_START_DELAY_NS + WAYS * slowestNs + START_DELAY_OF_AGENT_NS * there.length;
  }

  get cpuMicros(): number {
    return this.#agents.reduce((sum, { cpuMicros }) => sum + cpuMicros, 0);
  }

  get rssBytes(): number {
    return this.#rssBytes;
  }

  async open(): Promise<OpenedMessage[]> {
    const lost = this.#agents.find((agent) => agent.lost !== null);
    if (lost !== undefined) throw lostBefore(lost);
    const setups = dealtToAgents(this.#setups, this.#agents.length);
    const answers = await this.#ask(new Question("opened"), (_, at) => {
      return { type: "setup", transport: this.#transport, setups: setups[at]! };
    });
    return answers.flatMap((answer) => (answer.type === "opened" ? answer.opened : []));
  }

  async runPhase(command: PhaseCommand): Promise<PhaseDoneMessage[]> {
    this.#phase = command;
    this.#accounts = this.#setups.map((setup) => new WorkerAccount(setup, command));
    for (const agent of this.#agents) agent.expectsFramesFromNs = command.startNs;
    this.#stoppedNs = Number.POSITIVE_INFINITY;
    if (command.isMeasured) this.#figures.begin();
    try {
      const answers = await this.#ask(new Question("phase-done", command.id), () => ({
        type: "phase",
        command,
      }));
      const ends = answers.flatMap((answer) => (answer.type === "phase-done" ? [answer] : []));
      if (command.isMeasured) this.#figures.end(ends, this.#accounts, command.startNs);
      const done = ends.flatMap((each) => each.done);
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

  /** Resolves when nothing more comes from any agent, so that the next run begins with all that they have. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // One that does not end its workers is lost as one that is silent.
    for (const agent of this.#agents) agent.expectsFramesFromNs = sharedNowNs();
    try {
      await this.#ask(new Question("closed"), () => ({ type: "close" }));
    } finally {
      for (const agent of this.#agents) agent.expectsFramesFromNs = Number.POSITIVE_INFINITY;
    }
  }

  agents(): AgentReport[] {
    return this.#figures.result();
  }

  agentOf(worker: number): string {
    return this.#agents[agentOf(worker, this.#agents.length)]!.name;
  }

  #send(command: Command): void {
    for (const agent of this.#agents) if (agent.lost === null) agent.send(command);
  }

  /** Resolves when all that are not lost have answered. */
  async #ask(
    question: Question,
    commandFor: (agent: RemoteAgent, at: number) => Command,
  ): Promise<Answer[]> {
    this.#question = question;
    for (const [at, agent] of this.#agents.entries()) {
      if (agent.lost === null) agent.send(commandFor(agent, at));
    }
    question.settle(this.#agents);
    await question.answered;
    return question.answers;
  }

  #onReport(agent: RemoteAgent, report: Report): void {
    // Of workers that are being ended, only that they are is of use.
    if (this.#isClosed && report.type !== "closed") return;
    switch (report.type) {
      case "second":
        this.#onSecond(agent, report.worker, report.second);
        break;
      case "pause":
        if (this.#isItsOwn(agent, report.worker)) {
          this.#listener.onPause(report.pause, report.worker);
        }
        break;
      case "requests":
        this.#listener.onRequests(report.requests);
        break;
      case "token-wanted":
        void giveToken(agent, report.refused, this.#tokens);
        break;
      case "failed":
        this.#question?.fail(failureOf(agent, report));
        break;
      case "opened":
      case "phase-done":
        this.#onAnswer(agent, report);
        break;
      case "closed":
        this.#onClosed(agent, report);
        break;
      case "pong":
        break;
    }
  }

  #onClosed(agent: RemoteAgent, answer: Extract<Answer, { type: "closed" }>): void {
    const { memories } = answer;
    // An agent that was closed before it had workers has none of their memory.
    const isEmpty = memories.length === 0;
    if (!isEmpty && !this.#memory.fits(memories)) {
      agent.lose("it gave back other memory than it had");
      return;
    }
    if (!isEmpty) this.#memory.takeBack(memories);
    this.#onAnswer(agent, answer);
  }

  #onAnswer(agent: RemoteAgent, answer: Answer): void {
    const problem = this.#question?.take(agent, answer, this.#workersOf(agent));
    if (problem !== null) {
      agent.lose(problem ?? "it answered what was not asked");
      return;
    }
    agent.expectsFramesFromNs = Number.POSITIVE_INFINITY;
    this.#question?.settle(this.#agents);
  }

  #onSecond(agent: RemoteAgent, worker: number, second: Second): void {
    if (!this.#isItsOwn(agent, worker)) return;
    const account = this.#accounts[worker];
    const problem = account?.problemOf(second, sharedNowNs()) ?? null;
    if (account === undefined || problem !== null) {
      agent.lose(problem ?? "it reported a second of no phase");
      return;
    }
    account.add(second);
    this.#rssBytes = Math.max(this.#rssBytes, agent.rssBytes);
    if (this.#phase?.isMeasured) this.#figures.goesOn(worker);
    this.#pass(second, worker);
    if (this.#lost === 0) return;
    for (const lost of this.#lostAccounts()) {
      for (const each of lost.emptySeconds(second.snapshot)) this.#pass(each, lost.worker);
    }
  }

  /** Loses an agent that reports for a worker of another, or of none. */
  #isItsOwn(agent: RemoteAgent, worker: number): boolean {
    const isOwn =
      this.#agents[agentOf(worker, this.#agents.length)] === agent && worker < this.size;
    if (!isOwn) agent.lose("it reported for another's worker");
    return isOwn;
  }

  /** In their order. */
  #workersOf(agent: RemoteAgent): number[] {
    return [...this.#setups.keys()].filter(
      (worker) => this.#agents[agentOf(worker, this.#agents.length)] === agent,
    );
  }

  #pass({ snapshot, recorded }: Second, worker: number): void {
    this.#listener.onSnapshot(snapshot, recorded, worker);
  }

  #onLost(agent: RemoteAgent): void {
    this.#lost += 1;
    const isTooMany = this.#lost > this.#tolerated || this.#lost === this.#agents.length;
    if (isTooMany && !this.#isClosed) {
      this.#listener.onLost(`agent ${agent.name} was lost: ${agent.lost}`);
    }
    this.#question?.settle(this.#agents);
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
        const { seconds, done: own } = account.end(endNs, this.#stoppedNs);
        for (const each of seconds) this.#pass(each, account.worker);
        return own;
      });
  }
}
