/** Owns the etcd that the runs of a suite go to: one at a time, kept while the next run may have it. */

import { openTarget, type Target } from "../measure/target.ts";
import type { PlannedCell } from "./plans.ts";

export class SuiteTarget {
  readonly #env: NodeJS.ProcessEnv;
  readonly #say: (line: string) => void;
  #open: { target: Target; key: string } | null = null;

  constructor(env: NodeJS.ProcessEnv, say: (line: string) => void) {
    this.#env = env;
    this.#say = say;
  }

  /** A fresh one, or one of the same kind that is there. @throws BenchError as `openTarget` */
  async for({ plan, flags, etcd }: PlannedCell): Promise<Target> {
    const { local, endpoints, tls, user } = plan.target;
    // The flag, too: a name may come with another password.
    const key = JSON.stringify([local, endpoints, tls, user, flags.user, flags.etcd ?? null]);
    if (this.#open !== null && (this.#open.key !== key || etcd === "fresh")) await this.close();
    if (this.#open === null) {
      this.#open = { target: await openTarget(plan, flags, this.#env, this.#say), key };
    }
    return this.#open.target;
  }

  /** Takes down what was started. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.target.stop();
  }
}
