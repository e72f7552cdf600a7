/** A session in its folder: what is written is read again, and what is no session is refused. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  compareSession,
  createSession,
  loadSession,
  type Session,
  saveRun,
} from "../../../src/ab/session.ts";
import { gatesOf } from "../../../src/compare/from-flags.ts";
import { BenchError } from "../../../src/errors.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const test = suite<{ folder: string }>("session");
test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-session-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const SESSION: Session = {
  kind: "ab-session",
  schemaVersion: 1,
  id: "s1",
  pairs: 3,
  warmupPairs: 0,
  isCanary: true,
  isAFirst: false,
  gates: ["p50"],
  leastEffects: { p50: 0.2 },
  sides: { a: { label: "a", plan: planFixture() }, b: { label: "b", plan: planFixture() } },
  notes: ["The clusters were there before."],
};

const runOf = (pair: number, at: number) =>
  resultFixture({
    id: `run${at}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString(),
    plan: planFixture({ labels: { session: "s1", pair: String(pair) } }),
  });

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

test("what was planned and measured is read again, and judged as it was declared", async ({
  folder,
}) => {
  const place = path.join(folder, "deep", "s1");
  await createSession(place, SESSION);
  assert.equal((await loadSession(place))?.results, { a: [], b: [] });
  for (const [pair, at] of [
    [1, 0],
    [2, 2],
  ] as const) {
    await saveRun(place, "a", runOf(pair, at));
    await saveRun(place, "b", runOf(pair, at + 1));
  }
  const stored = await loadSession(place);
  assert.equal(stored!.session, SESSION);
  assert.equal(
    stored!.results.b.map(({ id }) => id),
    ["run1", "run3"],
  );
  const comparison = compareSession(stored!.session, stored!.results);
  assert.equal([comparison.isCanary, comparison.status], [true, "interrupted"]);
  assert.ok(comparison.notes.includes(SESSION.notes[0]!));
  const gates = comparison.cells[0]!.metrics.filter(({ isGate }) => isGate);
  assert.equal(
    gates.map(({ metric, leastEffect }) => [metric, leastEffect]),
    [["p50", 0.2]],
  );
  await saveRun(place, "a", runOf(3, 4));
  await saveRun(place, "b", runOf(3, 5));
  const whole = await loadSession(place);
  assert.is(compareSession(SESSION, whole!.results).status, "complete");
  const other = compareSession(SESSION, whole!.results, { gates: gatesOf("throughput") });
  assert.equal(
    other.cells[0]!.metrics.filter(({ isGate }) => isGate).map(({ metric }) => metric),
    ["throughput"],
  );
});

test("a folder that holds a session, or results of something else, takes no new one", async ({
  folder,
}) => {
  await createSession(folder, SESSION);
  await refused(createSession(folder, SESSION), /^--save: .* holds a session already; --resume=/);
  const other = path.join(folder, "other");
  await saveRun(other, "b", runOf(1, 1));
  await refused(createSession(other, SESSION), /^--save: .*other has a folder b with files in it/);
  assert.equal(await readdir(other), ["b"]);
});

test("what is no session, a broken one, or one of a newer bench is told from each other", async ({
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
