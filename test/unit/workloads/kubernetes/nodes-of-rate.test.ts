/** The number of nodes whose requests make a given rate. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { describeNodes, nodesOfRate } from "../../../../src/workloads/kubernetes/nodes-of-rate.ts";
import type { KubernetesWorkload } from "../../../../src/workloads/kubernetes/schema.ts";

function planned(flags: Record<string, string>) {
  const { plan } = planFromFlags({ command: "kubernetes", flags }, {});
  return { workload: plan.workload as KubernetesWorkload, ratePerSec: plan.pacing.ratePerSec! };
}

test("a cluster's own rate corresponds to its number of nodes, in each scenario", () => {
  for (const scenario of ["steady", "relist", "job-storm", "events"]) {
    const { workload, ratePerSec } = planned({ scenario, nodes: "400" });
    const nodes = nodesOfRate(workload, ratePerSec)!;
    assert.ok(Math.abs(nodes - 400) < 2, `${scenario}: ${nodes}`);
  }
});

test("twice the rate corresponds to twice the nodes, except for requests independent of the nodes", () => {
  const { workload } = planned({ nodes: "100", pods: "1000" });
  const twice = planned({ nodes: "200", pods: "2000" });
  assert.ok(Math.abs(nodesOfRate(workload, twice.ratePerSec)! - 200) < 1);
  const text = describeNodes(workload, twice.ratePerSec)!;
  assert.match(text, /^the requests of about 200 nodes with 2,000 pods; .* 100 nodes with 1,000/);
});

test("a custom mix has no number of nodes", () => {
  const { workload } = planned({ mix: "pod-get=1,lease-update=1" });
  assert.is(nodesOfRate(workload, 1_000), null);
});

test.run();
