/**
 * What follows the load of a measurement, in no figure of it: single requests are held against what etcd
 * has of them, the keys of the run are taken back, and the members are compared.
 */
import type { HappenedEvent } from "../events/kind-of-event.ts";
import type { PhaseCounts } from "../load/messages.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { WorkerShare } from "../plan/shares.ts";
import type { Availability } from "../result/availability-schema.ts";
import type { HashKv } from "../result/schema.ts";
import { unreadMembers } from "../result/unread-members.ts";
import { type CleanUpOptions, cleanUp, hasPutKeys } from "./clean-up.ts";
import { checkMembers } from "./hash-check.ts";
import type { Prepared } from "./prepare.ts";
import { areRefused } from "./refusals.ts";

export class AfterLoad {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #stop: AbortSignal | undefined;
  /** Of a load that records single requests. */
  readonly #requests: RequestChunk[] = [];
  availability: Availability | null = null;
  hashKv: HashKv | null = null;
  /** What etcd did not keep, and why something of the run is left on it or could not be checked, a clause each. */
  readonly faults: string[] = [];
  /** Whether the run may have put a key; null: not known. */
  hasPutKeys: boolean | null = null;

  constructor(plan: RunPlan, prepared: Prepared, stop: AbortSignal | undefined) {
    this.#plan = plan;
    this.#prepared = prepared;
    this.#stop = stop;
  }

  /** While the load goes on. */
  addRequests(requests: RequestChunk): void {
    this.#requests.push(requests);
  }

  async assess(originNs: number, events: readonly HappenedEvent[]): Promise<void> {
    const requests = this.#requests;
    const assessed = await this.#prepared.assess?.({
      ...{ requests, originNs, events },
      stop: this.#stop,
    });
    if (assessed === undefined) return;
    this.availability = assessed;
    this.faults.push(...(this.#prepared.brokenPromises?.(assessed) ?? []));
    const { writes } = assessed;
    if (writes === null || writes.lost !== null) return;
    this.faults.push(
      `what became of the writes could not be checked: ${unreadMembers(writes).join("; ")}`,
    );
  }

  /**
   * Takes back what the preparation and the load wrote.
   * @param endedOf what came of an operation's requests, by phase
   * @returns notes for a reader of the result
   */
  async takeBack(
    shares: readonly WorkerShare[],
    {
      endedOf,
      ...load
    }: Pick<CleanUpOptions, "started" | "hasFailures" | "hasRevisionGoneBack"> & {
      endedOf: (operation: number) => readonly Readonly<PhaseCounts>[];
    },
  ): Promise<string[]> {
    const { access, operations, target, ownKey = null, sinceRevision = null } = this.#prepared;
    const prepared = (await this.#prepared.cleanUp?.()) ?? [];
    const carriedOut = [...load.started].filter(
      ([operation, phases]) => phases === null || !areRefused(sumOf(phases), endedOf(operation)),
    );
    const started = new Map(carriedOut);
    this.hasPutKeys = await hasPutKeys({ plan: this.#plan, operations, shares, started, ownKey });
    if (sinceRevision === null) return prepared;
    const { notes, fault } = await cleanUp({
      plan: this.#plan,
      endpoints: target.endpoints,
      access: access ?? { tls: null, tokens: null },
      ...load,
      ...{ operations, shares, ownKey, sinceRevision, stop: this.#stop },
    });
    if (fault !== null) this.faults.push(fault);
    return [...prepared, ...notes];
  }

  /** Last of all, so that what was taken back is compared too. False: it was interrupted. */
  async checkHashKv(): Promise<boolean> {
    const isStopped = () => this.#stop?.aborted ?? false;
    if (!this.#plan.judge.checkHashKv || isStopped()) return true;
    const found = await checkMembers(this.#prepared, this.#stop);
    if (isStopped() && found.isEqual === null) return false;
    this.hashKv = found;
    return true;
  }
}

function sumOf(phases: readonly number[][]): number {
  return phases.flat().reduce((sum, count) => sum + count, 0);
}
