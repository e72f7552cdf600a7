/** Estimates how long a suite will take, from plans and earlier runs. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { PlannedCell } from "../../../../src/cli/suite/plans.ts";
import { earlierTimes, SuiteTimes, suiteFolders } from "../../../../src/cli/suite/progress.ts";
import { prepareMs } from "../../../../src/suite/estimate.ts";
import { planFixture } from "../../../fixtures/result-fixture.ts";

const test = suite<{ root: string }>("suite progress");
test.before.each(async (context) => {
  context.root = await mkdtemp(path.join(os.tmpdir(), "bench-progress-"));
});
test.after.each(async ({ root }) => {
  await rm(root, { recursive: true, force: true });
});

test("a suite that cannot be read does not stop other runs: a note reports it", async ({
  root,
}) => {
  await mkdir(path.join(root, "newer"));
  await writeFile(path.join(root, "newer", "suite.json"), '{"kind":"suite","schemaVersion":9}');
  const said: string[] = [];
  assert.is((await earlierTimes(root, "quick", (line) => said.push(line))).size, 0);
  assert.is(said.length, 1);
  assert.match(said[0]!, /^note: how long earlier runs took is not known: .*newer.suite\.json/);
  const { found, failures } = await suiteFolders(root);
  assert.equal([found.length, failures.length], [0, 1]);
});

test("a folder without suites, or a missing one, has no earlier times", async ({ root }) => {
  const never = () => assert.unreachable();
  assert.is((await earlierTimes(root, "quick", never)).size, 0);
  assert.is((await earlierTimes(path.join(root, "none"), "quick", never)).size, 0);
});

test("a cluster is started for each run of another etcd, and once for a prepared run", () => {
  const local = { members: 1, tls: false, auth: null, grpcProxy: false, proxied: false } as const;
  const plan = planFixture({ target: { local: { ...local, serverArgs: [] } } });
  const cell = (etcd: string, prepared = 0) =>
    ({
      plan,
      flags: { etcd },
      etcd: "shared",
      words: ["put"],
      expectMs: 1_000,
      preparePlans: Array.from({ length: prepared }, () => plan),
    }) as unknown as PlannedCell;
  const ms = (...cells: PlannedCell[]) =>
    new SuiteTimes(
      cells.map((each) => ({ cell: each, repeat: 1 })),
      new Map(),
    ).from(0).ms;
  const [run, around] = [ms(cell("a")), ms(cell("a"), cell("a")) - ms(cell("a"))];
  const start = run - around;
  assert.ok(start > 0);
  assert.is(ms(cell("a"), cell("b"), cell("a")), 3 * run);
  assert.is(ms(cell("a", 1)), run + prepareMs(plan));
});

test("finished runs correct the estimate of their own cell, and the overhead of all other runs", () => {
  const local = {
    members: 1,
    tls: false,
    auth: null,
    grpcProxy: false,
    proxied: false,
    serverArgs: [],
  } as const;
  const limits = { durationMs: 1_000, totalRequests: null, warmupMs: null };
  const plan = planFixture({ target: { local: { ...local, serverArgs: [] } }, limits });
  const cell = (word: string) =>
    ({ plan, flags: {}, etcd: "fresh", words: [word], expectMs: null, preparePlans: [] }) as never;
  const runs = ["a", "b", "a"].map((word, at) => ({ cell: cell(word), repeat: at }));
  const times = new SuiteTimes(runs, new Map());
  const before = times.from(1).ms;
  assert.ok(before > 4_000, "each has the default in addition to its second");
  times.ended(0, 9_000, 1_000);
  // b: its one second and the 8 s of overhead that a had; a: as long as its run took.
  assert.is(times.from(1).ms, 1_000 + 8_000 + 9_000);
  assert.is(times.from(1, new Map([[2, []]])).ms, 9_000, "what is done already is not to come");
});

test.run();
