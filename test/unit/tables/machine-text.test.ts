/** The words for the CPUs and the memory of a measurement. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { describeCpus, describeMemory } from "../../../src/tables/machine-text.ts";

test("the words name how many CPUs a measurement could use, if not all", () => {
  const cpus = (all: number | null, cpusAvailable: number | null) =>
    describeCpus({ cpus: all, cpusAvailable, cpuModel: "CPU" });
  assert.is(cpus(2, 2), "2 x CPU");
  assert.is(cpus(2, 1), "2 x CPU (1 available)");
  assert.is(cpus(2, null), "2 x CPU");
  assert.is(cpus(null, 1), "CPU (1 available)");
});

test("the words say how much memory a measurement could use, if not all", () => {
  const memory = (memoryBytes: number | null, memoryLimitBytes: number | null) =>
    describeMemory({ memoryBytes, memoryLimitBytes });
  assert.is(memory(8e9, null), "8.00 GB memory");
  assert.is(memory(8e9, 5e8), "8.00 GB memory (500 MB available)");
  assert.is(memory(8e9, 9e9), "8.00 GB memory");
  assert.is(memory(null, 5e8), null);
});

test.run();
