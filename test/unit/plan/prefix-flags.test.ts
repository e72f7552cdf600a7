/** Tests --prefix and --cleanup for every command that writes its own keys. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";

const COMMANDS = [
  ...["put", "txn-put", "txn-mixed", "delete", "mixed", "stm"],
  ...["lease-grant", "watch", "watch-latency"],
];

test("every such command takes --prefix for its keys, and --cleanup", () => {
  for (const command of COMMANDS) {
    const flags = { prefix: "p/", "key-size": "16", cleanup: true };
    const { plan } = planFromFlags({ command, flags }, {});
    const workload = plan.workload as unknown as { prefix?: string; keys?: { prefix: string } };
    assert.is(workload.prefix ?? workload.keys?.prefix, "p/", command);
    assert.is(plan.cleanup, true);
  }
});

test.run();
