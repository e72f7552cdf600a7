/** That calibrate leaves out no command without a word. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CALIBRATED_WORKLOADS, ONLY_ON_ETCD } from "../../../src/calibrate/workloads.ts";
import { MEASURING_COMMANDS } from "../../../src/cli/measuring-commands.ts";

test("every measuring command has its CPU measured, or a reason why it has not", () => {
  const measured = new Set<string>(CALIBRATED_WORKLOADS.map(({ command }) => command));
  for (const { name } of MEASURING_COMMANDS) {
    const isThere = measured.has(name) !== name in ONLY_ON_ETCD;
    assert.ok(isThere, `${name}: give it a row in calibrate/workloads.ts, or say there why not`);
  }
});

test.run();
