/**
 * An agent: it joins a group by a lease, and sends the load of one run after another with the workers that
 * this process starts. It ends its load when its lease or its coordinator is gone, and runs plans, never code.
 */
import { sharedNowNs } from "../clock.ts";
import { BenchError, unreachableError } from "../errors.ts";
import type { WatchedEvent } from "../etcd/control-streams.ts";
import { describeAgentEnvironment } from "../result/environment.ts";
import { ownHost } from "../run/host.ts";
import { AgentWorkers } from "./agent-workers.ts";
import { Coordination } from "./coordination.ts";
import { Opener, PROTOCOL_VERSION, Sealer, WrongVersion } from "./envelope.ts";
import type { JoinFile } from "./join-file.ts";
import { joinGroup } from "./joining.ts";
import { type Command, commandsKey, type Hello, type Report, reportsKey } from "./protocol.ts";
import { ReportQueue, type ReportQueueOptions } from "./report-queue.ts";
import { SessionGuard } from "./session-guard.ts";

export interface AgentOptions {
  join: JoinFile;
  /** Of this agent alone in its group. */
  name: string;
  /** The most workers that it runs. */
  workers: number;
  say: (line: string) => void;
  /** Aborted: the agent leaves. */
  stop: AbortSignal;
}

/**
 * Resolves when the agent was told to leave, or `stop` was aborted.
 * @throws BenchError (unreachable) when its lease is gone, or the coordination etcd does not answer
 */
export async function serveAsAgent(options: AgentOptions): Promise<void> {
  const agent = new Agent(options);
  try {
    await agent.serve();
  } finally {
    await agent.leave();
  }
}

class Agent {
  readonly #name: string;
  readonly #options: AgentOptions;
  readonly #coordination: Coordination;
  #lease: string | null = null;
  /** Its lease is gone, or the coordination etcd does not answer. */
  #isCutOff = false;
  #opener: Opener | null = null;
  #reports: ReportQueue | null = null;
  readonly #workers = new AgentWorkers({
    report: (report) => this.#report(report),
    onExpected: (workers) => this.#reports?.expect(workers),
    onFailed: (error) => this.#failed(error),
    onBroken: (reason) => this.#fail(reason),
  });
  readonly #sessions = new SessionGuard();
  #end: { resolve: () => void; reject: (error: Error) => void } | null = null;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#name = options.name;
    this.#coordination = new Coordination(options.join);
  }

  async serve(): Promise<void> {
    const { join, say, stop, workers } = this.#options;
    await this.#coordination.clusterId();
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject };
    });
    // It may end before it has joined.
    ended.catch(() => {});
    stop.addEventListener("abort", () => this.#end!.resolve(), { once: true });
    this.#lease = await this.#coordination.lease((reason) => this.#cutOff(reason));
    const hello: Hello = { workers, environment: describeAgentEnvironment(), host: ownHost() };
    const revision = await joinGroup(this.#coordination, {
      ...{ name: this.#name, group: join.group, hello, lease: this.#lease, say },
      isOver: () => stop.aborted || this.#isCutOff,
    });
    if (revision === null) return await ended;
    this.#coordination.follow(commandsKey(this.#name), revision + 1, {
      onEvent: (event) => this.#onEvent(event),
      onBroken: (reason) => this.#fail(reason),
    });
    say(`agent ${this.#name} has joined the group ${join.group} and waits for runs`);
    await ended;
  }

  async leave(): Promise<void> {
    await this.#workers.close();
    // What is on its way to an etcd that does not answer would be waited for.
    if (!this.#isCutOff) await this.#reports?.flush();
    if (this.#lease !== null && !this.#isCutOff) {
      await this.#coordination.revoke(this.#lease);
    }
    this.#coordination.close();
  }

  #cutOff(reason: string): void {
    this.#isCutOff = true;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#workers.stop(0);
    this.#end?.reject(
      unreachableError(`agent ${this.#name} ended its load and left: ${reason}; start it again`),
    );
  }

  #onEvent({ isDelete, kv }: WatchedEvent): void {
    if (isDelete) {
      this.#endSession("the command that measures is gone, or has lost this agent");
      return;
    }
    // The key is new: another session begins.
    if (kv.version === 1) {
      this.#opener = new Opener(this.#coordination.key, commandsKey(this.#name));
    }
    if (this.#opener === null) return;
    const heardNs = sharedNowNs();
    try {
      const taken = this.#opener.take(kv.value);
      // Only a command with the secret of the group can have sealed it.
      if (taken !== null) this.#carryOut(taken.message as Command, heardNs);
    } catch (error) {
      const words =
        error instanceof WrongVersion
          ? `it speaks version ${error.theirs} of the agents' protocol, and this agent ${PROTOCOL_VERSION}; install the same bench on both`
          : (error as Error).message;
      this.#options.say(`a message of the command that measures was refused: ${words}`);
      // Else the coordinator would wait for an answer.
      this.#failed(new Error(`it refused a message: ${words}`));
      this.#endSession("its messages cannot be read");
    }
  }

  #carryOut(command: Command, heardNs: number): void {
    this.#sessions.check(command);
    switch (command.type) {
      case "session":
        this.#beginSession(command.session);
        break;
      case "ping":
        this.#report({ type: "pong", number: command.number, heardNs });
        break;
      case "setup":
        this.#openWorkers(command);
        break;
      case "phase":
        this.#workers.runPhase(command);
        break;
      case "stop":
        this.#workers.stop(command.drainMs);
        break;
      case "event":
        this.#workers.markEvent(command.isBegin, command.atNs);
        break;
      case "token":
        this.#workers.answerToken(command);
        break;
      case "token-failed":
        this.#workers.failToken(command);
        break;
      case "close":
        void this.#workers
          .close()
          .then(() => this.#report({ type: "closed", memories: this.#workers.memories }));
        break;
      case "end":
        this.#endSession("the run has ended");
        if (command.isLast) this.#end?.resolve();
        break;
      default:
        throw new Error("it is of no kind that an agent knows");
    }
  }

  #beginSession(session: string): void {
    void this.#workers.close();
    const key = reportsKey(this.#name);
    const sealer = new Sealer(this.#coordination.key, `${session}/${key}`);
    const options: ReportQueueOptions = {
      session,
      chunksOf: (frame) => sealer.chunksOf(frame),
      put: async (chunk) => void (await this.#coordination.put(key, chunk, this.#lease!)),
      onFailed: (reason) => this.#cutOff(reason),
    };
    this.#reports = new ReportQueue(options, this.#reports?.flush());
    this.#options.say(`agent ${this.#name}: a run begins`);
  }

  #endSession(why: string): void {
    if (!this.#sessions.isOpen) return;
    this.#sessions.end();
    this.#options.say(`agent ${this.#name}: ${why}`);
    this.#reports?.end();
    this.#workers.stop(0);
    void this.#workers.close();
  }

  #openWorkers(command: Extract<Command, { type: "setup" }>): void {
    const reports = this.#reports;
    this.#workers.open(command, (refused) => reports?.add({ type: "token-wanted", refused }));
  }

  #report(report: Report): void {
    this.#reports?.add(report);
  }

  #failed(error: Error): void {
    const exitCode = error instanceof BenchError ? error.exitCode : null;
    this.#report({ type: "failed", reason: error.message, exitCode });
  }
}
