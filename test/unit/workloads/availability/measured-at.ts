/** Runs `bench availability` against a fake etcd inside the test process and returns its result. */
import type { TargetInfo } from "../../../../src/etcd/inspect.ts";
import type { GivenFlags } from "../../../../src/flags/flag.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { prepareWorkload } from "../../../../src/run/prepare.ts";
import { measure } from "../../../../src/run/run.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";

/** `endpoint` is the address of the only member, m1. */
export async function measuredAt(endpoint: string, given: GivenFlags): Promise<RunResult> {
  const flags = { endpoints: endpoint, rate: "1000", warmup: "0", ...given };
  const { plan } = planFromFlags({ command: "availability", flags }, {});
  const member = { id: "1", name: "m1", endpoint, version: null, metricsUrls: [] };
  const unknown = { isLeader: true, isLearner: false, dbSizeBytes: null };
  const target: TargetInfo = {
    ...{ endpoints: [endpoint], clusterId: null, version: null, notes: [] },
    members: [{ ...member, ...unknown }],
  };
  const prepared = await prepareWorkload(plan, target, [], { tls: null, tokens: null });
  return measure(plan, prepared);
}
