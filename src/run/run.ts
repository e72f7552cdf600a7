/**
 * Carries out one run: inspects the target, measures it, and gives a RunResult. If anything breaks
 * after the first measured request, the result has what was measured until then.
 */
import { type Access, OPEN_ACCESS } from "../access/access.ts";
import { openAccess } from "../etcd/token-source.ts";
import type { OwnCluster } from "../events/definition.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import { initHistograms } from "../stats/histogram.ts";
import { leftKeysHint } from "./left-keys-hint.ts";
import { Measurement } from "./measurement.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { RunControls } from "./progress.ts";

export interface RunOptions extends RunControls {
  /** What is known of the target in addition to the plan; no access: open to all, without TLS. */
  target?: {
    dataFileSystem: string | null;
    access?: Access;
    /** The processes of a cluster that bench started; absent or null: it started none. */
    cluster?: OwnCluster | null;
  };
}

/**
 * @throws BenchError where the target cannot be measured at all; from the first measured request
 *   on every failure is in the result instead.
 */
export async function run(plan: RunPlan, options: RunOptions = {}): Promise<RunResult> {
  options.workforce?.ready();
  const access = openAccess(plan.target.endpoints, options.target?.access ?? OPEN_ACCESS);
  try {
    return await measure(
      plan,
      await prepare(plan, access, options.target?.cluster ?? null),
      options,
    );
  } finally {
    access.tokens?.close();
  }
}

/** The measurement alone, of a target that is known already: etcd, or calibrate's fake etcd. */
export async function measure(
  plan: RunPlan,
  prepared: Prepared,
  options: RunOptions = {},
): Promise<RunResult> {
  let measurement: Measurement | null = null;
  try {
    await initHistograms();
    const token = (await prepared.access?.tokens?.token()) ?? null;
    measurement = new Measurement(plan, prepared, token, options);
    await measurement.open();
    await measurement.warm();
    await measurement.measure();
    await measurement.assess();
  } catch (error) {
    // There is no result to hold what was taken back, and what stays.
    const notes = await (measurement === null ? prepared.cleanUp?.() : measurement.close());
    for (const note of notes ?? []) options.say?.(note);
    // A search goes on from what it has, and says it at its end.
    const isAlone =
      plan.search === null && measurement !== null && measurement.hasPutKeys !== false;
    const hint = isAlone ? await leftKeysHint(plan, [], null) : null;
    if (hint !== null) options.say?.(hint);
    throw error;
  }
  await measurement.close();
  await measurement.checkHashKv();
  const result = measurement.result(options.target?.dataFileSystem ?? null);
  const files = result.profiles.map(({ file }, at) => {
    return { name: file, bytes: measurement.profiles[at]!.bytes };
  });
  if (files.length > 0) options.onProfiles?.(files);
  for (const observer of options.observers ?? []) observer.onEnd?.(result);
  return result;
}
