/** Tests the record of the machine, and the ids of results. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { describeEnvironment } from "../../../src/result/environment.ts";
import { newResultId } from "../../../src/result/id.ts";
import { runResultSchema } from "../../../src/saved/schemas.ts";

test("the environment names the tool, Node and the machine", () => {
  const environment = describeEnvironment();
  assert.equal(runResultSchema.shape.environment.parse(environment), environment);
  assert.match(environment.tool, /^etcd-bench \d+\.\d+\.\d+/);
  assert.is(environment.node, process.version);
  assert.ok(environment.cpus !== null && environment.cpus >= 1);
  assert.ok(environment.memoryBytes !== null && environment.memoryBytes > 1e6);
  for (const text of [environment.os, environment.kernel, environment.cpuModel]) {
    assert.ok(text.length > 0);
  }
});

test("ids are twelve letters and digits, and sort by time", () => {
  const times = [0, 1, 35, 36, 1e12, 1_785_000_000_000, 1_785_000_000_001, 2_800_000_000_000];
  const ids = times.map((ms) => newResultId(ms));
  for (const id of ids) assert.match(id, /^[0-9a-z]{12}$/);
  assert.equal([...ids].sort(), ids);
});

test("ids of the same millisecond differ", () => {
  const ids = new Set(Array.from({ length: 50 }, () => newResultId(1_785_000_000_000)));
  assert.ok(ids.size > 40);
});

test.run();
