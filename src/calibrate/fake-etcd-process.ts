/** The fake etcd's process from bench's side: starts it, asks it, and ends it with bench. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError, EXIT } from "../errors.ts";
import { endWithProcess } from "../etcd/local-cluster/exit-cleanup.ts";
import type { FromFakeEtcd, ToFakeEtcd } from "../fake-etcd/control-messages.ts";
import type { DelayDistribution } from "../fake-etcd/delays/delayed-answers.ts";
import { entryFile } from "../package-root.ts";

const ENTRY = fileURLToPath(entryFile("fake-etcd/process"));
/** It has nothing to save, so one that does not leave at once is killed. */
const LEAVE_MS = 2_000;

export type TakenFromServer = Extract<FromFakeEtcd, { type: "taken" }>;

export class FakeEtcdProcess {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  private constructor(child: ChildProcess, port: number, forget: () => void) {
    this.#child = child;
    this.#forget = forget;
    this.endpoint = `127.0.0.1:${port}`;
  }

  /** `delays` holds for puts; null answers them at once too. */
  static async start(delays: DelayDistribution | null): Promise<FakeEtcdProcess> {
    const child = fork(ENTRY, [JSON.stringify(delays)], {
      execArgv: [],
      // A group of its own: Ctrl-C is for bench, whose last requests it still has to answer.
      detached: true,
      // Uint8Array travels as it is.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const forget = endWithProcess(() => child.kill("SIGKILL"));
    try {
      const message = await nextMessage(child);
      if (message.type !== "listening")
        throw new Error("the fake etcd sent another message than the one that was asked for");
      return new FakeEtcdProcess(child, message.port, forget);
    } catch (error) {
      child.kill("SIGKILL");
      forget();
      throw error;
    }
  }

  /** Why nothing can be measured any more; null: its process is there, and answers. */
  failure(): Promise<BenchError | null> {
    // Its connections may be refused before this process has heard of its end.
    return this.take().then(
      () => null,
      (error: BenchError) => error,
    );
  }

  /**
   * Written keys and waiting clients are forgotten, for connections that are opened from now on;
   * `keeps`: what is written is kept, and answers follow from it. @throws BenchError as `take` does.
   */
  async begin(keeps: boolean): Promise<void> {
    await this.#ask({ type: "begin", keeps }, "begun");
  }

  /** What it has done since the last call. @throws BenchError where its process has ended. */
  async take(): Promise<TakenFromServer> {
    return this.#ask({ type: "take" }, "taken");
  }

  async #ask<Type extends FromFakeEtcd["type"]>(
    message: ToFakeEtcd,
    type: Type,
  ): Promise<Extract<FromFakeEtcd, { type: Type }>> {
    const answer = nextMessage(this.#child);
    // Without a callback a channel that has closed would be an error event of the child.
    this.#child.send(message, () => {});
    const answered = await answer;
    if (answered.type !== type)
      throw new Error("the fake etcd sent another message than the one that was asked for");
    return answered as Extract<FromFakeEtcd, { type: Type }>;
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!hasEnded(child)) {
      const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const timer = setTimeout(() => child.kill("SIGKILL"), LEAVE_MS);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(timer);
    }
    this.#forget();
  }
}

function nextMessage(child: ChildProcess): Promise<FromFakeEtcd> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.off("error", onError);
    };
    const onMessage = (message: unknown) => {
      settle();
      resolve(message as FromFakeEtcd);
    };
    const onExit = () => {
      settle();
      reject(endedError(child));
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    if (hasEnded(child)) return onExit();
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.on("error", onError);
  });
}

function endedError({ exitCode, signalCode }: ChildProcess): BenchError {
  const how = signalCode ?? `exit code ${exitCode}`;
  return new BenchError(
    `calibrate: the fake etcd's process has ended (${how}), and the figures with it; run it again`,
    EXIT.failed,
  );
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
