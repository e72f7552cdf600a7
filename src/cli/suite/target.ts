/** Opens the etcd that the runs of a suite go to: one at a time, kept while the next run may have it. */
import { BenchError } from "../../errors.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import { openAccess } from "../../etcd/token-source.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { checkAgainstTarget, lookAtTarget } from "../../run/prepare.ts";
import type { NamedTarget } from "../measure/agents.ts";
import { readyTarget, type Target, type TargetOpener } from "../measure/target.ts";
import { ofCell } from "./cell-errors.ts";
import type { PlannedCell } from "./plans.ts";
import { StreamRoom } from "./stream-room.ts";

export interface SuiteTargetOptions {
  env: NodeJS.ProcessEnv;
  /** Prints which etcd is taken. */
  say: (line: string) => void;
  /** Prints the start of each throwaway cluster. */
  sayStart: (line: string) => void;
}

export class SuiteTarget {
  readonly #options: SuiteTargetOptions;
  readonly #openers = new Map<string, TargetOpener>();
  #open: { target: Target; key: string } | null = null;

  constructor(options: SuiteTargetOptions) {
    this.#options = options;
  }

  /**
   * Finds the binary of the cell's clusters, or reads its keys, once for all of its runs.
   * @throws BenchError as `readyTarget`
   */
  async ready(cell: PlannedCell): Promise<TargetOpener> {
    const key = keyOf(cell);
    const known = this.#openers.get(key);
    if (known !== undefined) return known;
    const { plan, flags, arm, etcdFlag } = cell;
    const { env, say } = this.#options;
    const sayOfArm = (line: string) => say(arm === null ? line : `${arm}: ${line}`);
    const opener = await readyTarget(plan, { flags, env, say: sayOfArm, etcdFlag });
    this.#openers.set(key, opener);
    return opener;
  }

  /** The etcds that cells name, without those that are started for them. @throws BenchError as `readyTarget` */
  async named(cells: readonly PlannedCell[]): Promise<NamedTarget[]> {
    const byKey = new Map<string, PlannedCell>();
    for (const cell of cells) if (cell.plan.target.local === null) byKey.set(keyOf(cell), cell);
    const targets: NamedTarget[] = [];
    for (const cell of byKey.values()) {
      const open = await this.ready(cell);
      const { access } = await open(this.#options.sayStart);
      targets.push({ endpoints: cell.plan.target.endpoints, access });
    }
    return targets;
  }

  /**
   * Asks the etcds that cells name for what their runs need, each once.
   * @throws BenchError where one does not answer, or does not fit a cell
   */
  async lookAt(cells: readonly PlannedCell[]): Promise<void> {
    const looked = new Map<string, TargetInfo>();
    const rooms = new Map<string, StreamRoom>();
    for (const cell of cells.filter(({ plan }) => plan.target.local === null)) {
      const open = await this.ready(cell);
      const target = await open(this.#options.sayStart);
      try {
        for (const plan of [...cell.preparePlans, cell.plan]) {
          const key = JSON.stringify([keyOf(cell), plan.target.leaderOnly, plan.workload.kind]);
          const room = rooms.get(keyOf(cell)) ?? new StreamRoom();
          rooms.set(keyOf(cell), room);
          looked.set(key, await look(plan, target, room, looked.get(key)));
        }
      } catch (error) {
        throw error instanceof BenchError ? ofCell(error, cell) : error;
      }
    }
  }

  /** A fresh one, or one of the same kind that is open. @throws BenchError as `openTarget` */
  async for(cell: PlannedCell): Promise<Target> {
    const key = keyOf(cell);
    if (this.#open !== null && (this.#open.key !== key || cell.etcd === "fresh")) {
      await this.close();
    }
    if (this.#open === null) {
      const open = await this.ready(cell);
      this.#open = { target: await open(this.#options.sayStart), key };
    }
    return this.#open.target;
  }

  /** Stops what was started. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.target.stop();
  }
}

/** @param known what was found of the same cluster before */
async function look(
  plan: RunPlan,
  { access, cluster }: Target,
  room: StreamRoom,
  known: TargetInfo | undefined,
): Promise<TargetInfo> {
  const opened = openAccess(plan.target.endpoints, access);
  try {
    const info = known ?? (await lookAtTarget(plan, opened));
    await checkAgainstTarget(plan, info, opened, cluster);
    await room.check(plan, info, opened);
    return info;
  } finally {
    opened.tokens?.close();
  }
}

/** The user's flag, too: a name may come with another password. */
function keyOf({ plan, flags }: PlannedCell): string {
  const { local, endpoints, tls, user } = plan.target;
  return JSON.stringify([local, endpoints, tls, user, flags.user, flags.etcd ?? null]);
}
