/** Tests that calibrate covers every measuring command. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CALIBRATED_WORKLOADS } from "../../../src/calibrate/workloads.ts";
import { MEASURING_COMMANDS } from "../../../src/cli/measure/measuring-commands.ts";

test("the CPU of every measuring command is measured", () => {
  const measured = new Set<string>(CALIBRATED_WORKLOADS.map(({ command }) => command));
  for (const { name } of MEASURING_COMMANDS) {
    assert.ok(measured.has(name), `${name}: say in its definition what is calibrated`);
  }
});

test.run();
