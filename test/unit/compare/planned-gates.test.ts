/** Tests which gates the runs of a comparison are planned to have. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { planArms } from "../../../src/cli/ab/plan-arms.ts";
import { readArgv } from "../../../src/cli/argv/argv.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { gatesOf } from "../../../src/compare/from-flags.ts";
import { plannedGates } from "../../../src/compare/planned-gates.ts";
import type { GivenFlags } from "../../../src/flags/flag.ts";

/** Of arms as `bench ab` plans them. */
async function gatesWith(
  workload: string,
  flags: GivenFlags,
  { gate = null as string | null, ofB = "", leastEffects = {} } = {},
) {
  const { command } = readArgv(["ab", workload], COMMANDS);
  const given = {
    endpoints: "127.0.0.1:1",
    ...(ofB === "" ? { canary: true } : { "b-flags": ofB }),
    ...flags,
  };
  const { arms, operations } = await planArms(workload, command!, given, []);
  return plannedGates({ a: arms.a.plan, b: arms.b.plan }, operations, gatesOf(gate), leastEffects);
}

/** The number of gates, and whether it is sure. */
async function numberWith(...asked: Parameters<typeof gatesWith>) {
  const { gates, isSure } = await gatesWith(...asked);
  return { gates: gates.length, isSure };
}

test("a put has the gates of rate, median and p99, and no gate of availability", async () => {
  assert.equal(await numberWith("put", { total: "10000" }), { gates: 3, isSure: true });
});

test("each series that represents the load has its gates", async () => {
  assert.equal(await numberWith("watch", { rate: "100", total: "20000" }), {
    gates: 6,
    isSure: false,
  });
});

test("a percentile that the requests cannot carry is no gate", async () => {
  assert.equal(await numberWith("put", { total: "9999" }), { gates: 2, isSure: true });
  assert.equal(await numberWith("put", { total: "1000" }, { gate: "p99" }), {
    gates: 0,
    isSure: true,
  });
});

test("how many requests a duration has is not known before the first pair", async () => {
  assert.equal(await numberWith("put", { duration: "5s" }), { gates: 3, isSure: false });
  assert.equal(await numberWith("put", { duration: "5s" }, { gate: "throughput" }), {
    gates: 1,
    isSure: true,
  });
});

test("arms with different loads have no gates of latency", async () => {
  const given = { ofB: "--clients=7" };
  assert.equal(await numberWith("put", { total: "10000" }, given), { gates: 1, isSure: true });
});

test("staleness has gates for each member of a temporary cluster", async () => {
  const given = { endpoints: undefined, local: "3", rate: "100", total: "20000" };
  assert.is((await numberWith("staleness", given)).gates, 3 + 3 * 3);
});

test("availability has a gate of its longest window", async () => {
  assert.is((await numberWith("availability", {})).gates, 4);
});

test("a gate has the least effect that the user gives, or that of its metric", async () => {
  const { gates } = await gatesWith("put", { total: "10000" }, { leastEffects: { p50: 0.2 } });
  assert.equal(gates, [
    { metric: "throughput", leastEffect: 0.03 },
    { metric: "p50", leastEffect: 0.2 },
    { metric: "p99", leastEffect: 0.1 },
  ]);
});

test("a gate of an operation that the runs do not have is refused before any of them", async () => {
  const refusal = await gatesWith("put", { total: "10000" }, { gate: "foo:p99" }).then(
    () => "",
    (error: Error) => error.message,
  );
  assert.match(refusal, /^--gate: "foo" is no operation that both sides have; take of put, etcd$/);
});

test.run();
