/** --prefix and --cleanup on every command that has keys of its own. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULTS } from "../../../src/plan/defaults.ts";
import { type Invocation, planFromFlags } from "../../../src/plan/from-flags.ts";

const COMMANDS = [
  ...["put", "txn-put", "txn-mixed", "delete", "mixed", "stm"],
  ...["lease-grant", "watch", "watch-latency"],
];

test("--prefix stands before every key of each workload, and --cleanup in its plan", () => {
  assert.is(DEFAULTS.prefix, "");
  for (const command of COMMANDS) {
    const flags = { prefix: "p/", "key-size": "16", cleanup: true };
    const invocation = { command, flags, key: null, end: null } as unknown as Invocation;
    const { plan } = planFromFlags(invocation, {});
    const workload = plan.workload as unknown as { prefix?: string; keys?: { prefix: string } };
    assert.is(workload.prefix ?? workload.keys?.prefix, "p/", command);
    assert.is(plan.cleanup, true);
  }
});

test.run();
