/** The workers of an agent: those of one run after another, each begun after the end of those before. */
import { checkFilesOfAgent } from "../etcd/open-files.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import type { LoadPool } from "../run/load-pool.ts";
import { WorkerPool } from "../run/worker-pool.ts";
import type { Command, Report } from "./protocol.ts";
import { contentsOf, memoriesOf } from "./shared-memory.ts";
import { WantedTokens } from "./wanted-tokens.ts";

export interface AgentWorkersListener {
  report(report: Report): void;
  /** So many workers are to report each second; 0: none any more. */
  onExpected(workers: number): void;
  /** What was asked for failed. */
  onFailed(error: Error): void;
  /** A worker is lost, or does not end. */
  onBroken(reason: string): void;
}

export class AgentWorkers {
  readonly #listener: AgentWorkersListener;
  #pool: WorkerPool | null = null;
  /** The end of the workers before; those of the next run begin after it. */
  #closing: Promise<void> = Promise.resolve();
  /** Counts the workers that were asked for or ended. */
  #turn = 0;
  /** That the workers share. */
  #memories: SharedArrayBuffer[] = [];
  #tokens: WantedTokens | null = null;

  constructor(listener: AgentWorkersListener) {
    this.#listener = listener;
  }

  /** @param wantToken asks for another token in place of a refused one */
  open(command: Extract<Command, { type: "setup" }>, wantToken: (refused: string) => void): void {
    this.#open(command, wantToken).catch((error: Error) => this.#listener.onFailed(error));
  }

  runPhase({ command }: Extract<Command, { type: "phase" }>): void {
    const pool = this.#pool;
    if (pool === null) return;
    this.#listener.onExpected(pool.size);
    const machine = command.isMeasured ? new MachineWatch() : null;
    machine?.begin();
    pool.runPhase(command).then(
      (done) => {
        machine?.end();
        this.#listener.report({ type: "phase-done", done, machine: machine?.span ?? null });
        this.#listener.onExpected(0);
      },
      (error: Error) => this.#listener.onFailed(error),
    );
  }

  stop(drainMs: number): void {
    this.#pool?.stop(drainMs);
  }

  markEvent(...event: Parameters<LoadPool["markEvent"]>): void {
    this.#pool?.markEvent(...event);
  }

  answerToken({ refused, token }: Extract<Command, { type: "token" }>): void {
    this.#tokens?.answer(refused, token);
  }

  failToken(command: Extract<Command, { type: "token-failed" }>): void {
    this.#tokens?.fail(command);
  }

  /** Of what the workers shared, as they left it. */
  get memories(): ReturnType<typeof contentsOf> {
    return contentsOf(this.#memories);
  }

  close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    this.#turn += 1;
    this.#listener.onExpected(0);
    this.#closing = this.#closing
      .then(() => pool?.close())
      .catch((error: Error) =>
        this.#listener.onBroken(`its workers did not end: ${error.message}`),
      );
    return this.#closing;
  }

  /** After the workers before, whose connections would be in the way. */
  async #open(
    { setups, transport }: Extract<Command, { type: "setup" }>,
    wantToken: (refused: string) => void,
  ): Promise<void> {
    const closed = this.close();
    const turn = this.#turn;
    await closed;
    // It was told to end them while it waited.
    if (turn !== this.#turn) return;
    const connections = setups.reduce(
      (sum, { share }) => sum + share.connectionEndpoints.length,
      0,
    );
    checkFilesOfAgent(setups.length, connections);
    const { report, onFailed, onBroken } = this.#listener;
    const tokens = new WantedTokens(wantToken);
    this.#tokens = tokens;
    this.#memories = memoriesOf(setups);
    const pool = new WorkerPool({
      setups,
      transport,
      listener: {
        onSnapshot: (snapshot, recorded, worker) =>
          report({ type: "second", worker, second: { snapshot, recorded: [...recorded] } }),
        onPause: (pause, worker) => report({ type: "pause", pause, worker }),
        onRequests: (requests) => report({ type: "requests", requests }),
        onLost: onBroken,
      },
      tokens,
    });
    this.#pool = pool;
    pool.open().then((opened) => report({ type: "opened", opened }), onFailed);
  }
}
