/** Finds whether a resumed soak goes to the etcd that it was begun on, and how its command line names it. */
import type { Access } from "../../access/access.ts";
import { BenchError, flagError } from "../../errors.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { shellLine } from "../../shell-words.ts";
import type { SoakManifest } from "../../soak/folder.ts";

type SoakTarget = SoakManifest["target"];

const ENDPOINTS = "--endpoints=";
/** They give endpoints, and exclude --endpoints. */
const FOUND_BY = ["--cluster=", "--discovery-srv="];

export interface FoundTarget {
  /** What soak.json keeps of the etcd; null for a throwaway cluster. */
  target: SoakTarget;
  /** Null: it told none. */
  revision: number | null;
}

export async function findSoakTarget({ target }: RunPlan, access: Access): Promise<FoundTarget> {
  if (target.local !== null) return { target: null, revision: null };
  const { ControlClient, ControlError } = await import("../../etcd/control-client.ts");
  const { openAccess } = await import("../../etcd/token-source.ts");
  const opened = openAccess(target.endpoints, access);
  const client = new ControlClient(target.endpoints, { timeoutMs: 5_000, access: opened });
  try {
    const { clusterId, revision } = await client.status();
    return { target: { endpoints: target.endpoints, clusterId }, revision };
  } catch (error) {
    // The run finds it out too, and says more.
    if (!(error instanceof BenchError || error instanceof ControlError)) throw error;
    return { target: { endpoints: target.endpoints, clusterId: null }, revision: null };
  } finally {
    client.close();
  }
}

/** Whether both command lines measure the same; endpoints are compared by their cluster, where it is known. */
export function haveSameFlags(was: SoakManifest, now: readonly string[]): boolean {
  const words = (all: readonly string[]) =>
    (was.target === null ? all : all.filter((word) => !word.startsWith(ENDPOINTS))).join("\0");
  return words(was.arguments) === words(now);
}

/** @throws BenchError (usage) where the soak was begun on another cluster */
export function refuseOtherCluster(
  folder: string,
  { target: was, arguments: words }: SoakManifest,
  now: SoakTarget,
  plan: RunPlan,
): void {
  if (was === null || now === null) return;
  const [before, after] = [was, now].map(({ endpoints }) => endpoints.join(","));
  const isKnown = was.clusterId !== null && now.clusterId !== null;
  if (isKnown ? was.clusterId === now.clusterId : before === after) return;
  const ofCluster = (id: string | null) => (id === null ? "" : ` (cluster ${id})`);
  const fix = words.some((word) => FOUND_BY.some((flag) => word.startsWith(flag)))
    ? "begin a new soak"
    : `give ${ENDPOINTS}${listOf(was.endpoints, plan)}`;
  throw flagError(
    "resume",
    `--resume: the soak in ${folder} was begun on ${before}${ofCluster(was.clusterId)}, and ${after}${ofCluster(now.clusterId)} is another etcd; ${fix}`,
  );
}

/**
 * An etcd that was emptied, or restored from before the soak, keeps its cluster's id, which is made of names
 * and addresses.
 * @param writes that the soak was acknowledged, each of which raised the revision
 * @throws BenchError (usage) where etcd's revision cannot be that of the soak
 */
export function refuseEmptied(folder: string, writes: number, revision: number | null): void {
  if (revision === null || revision > writes) return;
  throw flagError(
    "resume",
    `--resume: etcd's revision is ${revision}, and the soak in ${folder} has written ${writes} times: etcd was emptied ` +
      "or restored since, and rows to come would be of other data; begin a new soak",
  );
}

/** With the endpoints, where no flag named them. */
export function resumeLine(
  { arguments: words }: SoakManifest,
  folder: string,
  plan: RunPlan,
): string {
  const { endpoints, local } = plan.target;
  const isNamed = words.some((word) =>
    [ENDPOINTS, ...FOUND_BY].some((flag) => word.startsWith(flag)),
  );
  const where = local !== null || isNamed ? [] : [`${ENDPOINTS}${listOf(endpoints, plan)}`];
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const added = [...where, `--resume=${folder}`];
  return `bench ${shellLine([...words.slice(0, end), ...added, ...words.slice(end)])}`;
}

function listOf(endpoints: readonly string[], { target: { tls } }: RunPlan): string {
  const scheme = tls === null ? "" : "https://";
  return endpoints.map((endpoint) => `${scheme}${endpoint}`).join(",");
}
