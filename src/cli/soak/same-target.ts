/** Finds whether a resumed soak goes to the etcd that it was begun on, and how its command line names it. */
import type { Access } from "../../access/access.ts";
import { BenchError, flagError } from "../../errors.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { shellLine } from "../../shell-words.ts";
import type { SoakManifest } from "../../soak/folder.ts";

type SoakTarget = SoakManifest["target"];

const ENDPOINTS = "--endpoints=";

/** What soak.json keeps of the etcd; null for a throwaway cluster. */
export async function soakTargetOf({ target }: RunPlan, access: Access): Promise<SoakTarget> {
  if (target.local !== null) return null;
  const { ControlClient, ControlError } = await import("../../etcd/control-client.ts");
  const { openAccess } = await import("../../etcd/token-source.ts");
  const opened = openAccess(target.endpoints, access);
  const client = new ControlClient(target.endpoints, { timeoutMs: 5_000, access: opened });
  try {
    return { endpoints: target.endpoints, clusterId: (await client.status()).clusterId };
  } catch (error) {
    // The run finds it out too, and says more.
    if (!(error instanceof BenchError || error instanceof ControlError)) throw error;
    return { endpoints: target.endpoints, clusterId: null };
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
export function refuseOtherCluster(folder: string, was: SoakTarget, now: SoakTarget): void {
  if (was === null || now === null) return;
  const [before, after] = [was, now].map(({ endpoints }) => endpoints.join(","));
  const isKnown = was.clusterId !== null && now.clusterId !== null;
  if (isKnown ? was.clusterId === now.clusterId : before === after) return;
  const ofCluster = (id: string | null) => (id === null ? "" : ` (cluster ${id})`);
  throw flagError(
    "resume",
    `--resume: the soak in ${folder} was begun on ${before}${ofCluster(was.clusterId)}, and ${after}${ofCluster(now.clusterId)} is another etcd; give ${ENDPOINTS}${before}`,
  );
}

/** With the endpoints, where no flag named them. */
export function resumeLine(
  { arguments: words }: SoakManifest,
  folder: string,
  plan: RunPlan,
): string {
  const { endpoints, local, cluster, tls } = plan.target;
  const isNamed = words.some((word) => word.startsWith(ENDPOINTS));
  const scheme = tls === null ? "" : "https://";
  const list = endpoints.map((endpoint) => `${scheme}${endpoint}`).join(",");
  const where = local !== null || cluster !== null || isNamed ? [] : [`${ENDPOINTS}${list}`];
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const added = [...where, `--resume=${folder}`];
  return `bench ${shellLine([...words.slice(0, end), ...added, ...words.slice(end)])}`;
}
