/** What the heading of a report says of the transactions' reads. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planFromFlags, workloadNamed } from "../../../../src/workloads/catalogue.ts";

function headingOf(ratio: string): string {
  const flags = { endpoints: "h:1", "rw-ratio": ratio };
  const { plan } = planFromFlags({ command: "txn-mixed", flags }, {});
  return workloadNamed("txn-mixed").describe(plan.workload);
}

test("the ratio of ranges to puts is written as it was given", () => {
  assert.match(headingOf("2.5"), /2\.5 ranges \(.*\) per put/);
  assert.match(headingOf("0.125"), /0\.125 ranges \(.*\) per put/);
  assert.match(headingOf("1"), /1 range \(.*\) per put/);
});

test.run();
