/** Tests reading, comparing and continuing sessions in the format of earlier versions. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Arm, armsFromFlags } from "../../../src/ab/arms.ts";
import {
  continuedManifest,
  differenceFrom,
  loadEarlierSession,
} from "../../../src/ab/earlier-session.ts";
import { compareArms, loadSession } from "../../../src/ab/session.ts";
import { gatesOf } from "../../../src/compare/from-flags.ts";
import { BenchError } from "../../../src/errors.ts";
import { resultFileName, saveResult } from "../../../src/result/save-result.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { sessionManifest } from "../../fixtures/session-manifest.ts";

const test = suite<{ folder: string }>("earlier session");
test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-session-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const { a: ARM } = armsFromFlags(
  { command: "put", positionals: [], shared: {}, a: {}, b: {}, isCanary: true },
  {},
);

const SESSION = {
  kind: "ab-session",
  schemaVersion: 1,
  id: "s1",
  pairs: 3,
  warmupPairs: 0,
  isCanary: true,
  isAFirst: false,
  gates: ["p50"],
  leastEffects: { p50: 0.2 },
  sides: { a: { label: "a", plan: ARM.plan }, b: { label: "b", plan: ARM.plan } },
  notes: ["The clusters were there before."],
};

const write = (folder: string, session: object = SESSION) =>
  writeFile(path.join(folder, "session.ab"), JSON.stringify(session));

let minute = 0;
async function save(folder: string, arm: "a" | "b", pair: number) {
  const run = resultFixture({
    id: `run${minute}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, minute++)).toISOString(),
    plan: planFixture({ labels: { session: "s1", pair: String(pair) } }),
  });
  await saveResult(path.join(folder, arm), run);
  return `${arm}/${resultFileName(run)}`;
}

async function refused(run: Promise<unknown>, words: RegExp): Promise<void> {
  try {
    await run;
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, 2);
    assert.match((error as BenchError).message, words);
    return;
  }
  assert.unreachable(`nothing was refused: ${words}`);
}

test("plan and results of an earlier session are read, and compared with its gates", async ({
  folder,
}) => {
  await write(folder);
  assert.equal((await loadSession(folder))?.results, { a: [], b: [] });
  for (const pair of [1, 2]) {
    await save(folder, "a", pair);
    await save(folder, "b", pair);
  }
  const session = (await loadSession(folder))!;
  assert.equal([session.results.a.length, session.results.b.length], [2, 2]);
  const comparison = compareArms(session);
  assert.equal([comparison.isCanary, comparison.status], [true, "interrupted"]);
  assert.ok(comparison.notes.includes(SESSION.notes[0]!));
  const gates = comparison.cells[0]!.metrics.filter(({ isGate }) => isGate);
  assert.equal(
    gates.map(({ metric, leastEffect }) => [metric, leastEffect]),
    [["p50", 0.2]],
  );
  await save(folder, "a", 3);
  await save(folder, "b", 3);
  const complete = (await loadSession(folder))!;
  assert.is(compareArms(complete).status, "complete");
  const other = compareArms(complete, { gates: gatesOf("throughput") });
  assert.equal(
    other.cells[0]!.metrics.filter(({ isGate }) => isGate).map(({ metric }) => metric),
    ["throughput"],
  );
});

test("a continued session keeps its complete pairs, and numbers new pairs after them", async ({
  folder,
}) => {
  await write(folder);
  const files = [];
  for (const [arm, pair] of [
    ["b", 1],
    ["a", 1],
    ["a", 2],
    ["b", 3],
    ["a", 3],
  ] as const) {
    files.push(await save(folder, arm, pair));
  }
  const earlier = (await loadEarlierSession(folder))!;
  const { runs, comparison } = continuedManifest(
    earlier,
    sessionManifest({ pairs: 3, first: "b" }),
  );
  assert.is(comparison!.id, "s1");
  assert.equal(
    runs.map(({ arm, repeat, file }) => [arm, repeat, file]),
    [
      ["b", 1, files[0]],
      ["a", 1, files[1]],
      ["a", 3, files[4]],
      ["b", 3, files[3]],
      ["b", 4, "005-put-b.3.json"],
      ["a", 4, "006-put-a.3.json"],
    ],
  );
});

test("a difference from the current flags is named, and the same plan has none", async ({
  folder,
}) => {
  await write(folder);
  const earlier = (await loadEarlierSession(folder))!;
  const now = (pairs: number) => ({
    runs: sessionManifest({ pairs }).runs,
    comparison: { ...earlier.comparison, id: "s2" },
  });
  const b: Arm = { ...ARM, name: "b" };
  assert.is(differenceFrom(earlier, now(3), { a: ARM, b }), null);
  assert.is(differenceFrom(earlier, now(4), { a: ARM, b }), "pairs differs");
  const plan = { ...ARM.plan, load: { ...ARM.plan.load, timeoutMs: 9 } };
  assert.is(
    differenceFrom(earlier, now(3), { a: ARM, b: { ...b, plan } }),
    "plan of arm b differs",
  );
});

test("a folder without a session gives null, a broken or newer session gives its own error", async ({
  folder,
}) => {
  assert.is(await loadSession(folder), null);
  assert.is(await loadSession(path.join(folder, "none")), null);
  const file = path.join(folder, "session.ab");
  for (const [text, words] of [
    ["{", /session\.ab is not JSON/],
    [
      JSON.stringify({ ...SESSION, schemaVersion: 2 }),
      /schemaVersion 2, and this bench reads up to 1/,
    ],
    [JSON.stringify({ ...SESSION, pairs: "3" }), /is not a session of bench ab: pairs: /],
  ] as const) {
    await writeFile(file, text);
    await refused(loadSession(folder), words);
  }
});

test.run();
