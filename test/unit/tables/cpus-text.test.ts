/** The words for the CPUs of a measurement. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { describeCpus } from "../../../src/tables/cpus-text.ts";

test("the words name how many CPUs a measurement could use, if not all", () => {
  const cpus = (all: number | null, cpusAvailable: number | null) =>
    describeCpus({ cpus: all, cpusAvailable, cpuModel: "CPU" });
  assert.is(cpus(2, 2), "2 x CPU");
  assert.is(cpus(2, 1), "2 x CPU (1 available)");
  assert.is(cpus(2, null), "2 x CPU");
  assert.is(cpus(null, 1), "CPU (1 available)");
});

test.run();
