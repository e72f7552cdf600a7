/** Rows that cannot be written wait for the next attempt, and are returned at the end. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RowLog } from "../../../../src/cli/soak/row-log.ts";
import { newManifest, readSoakRows } from "../../../../src/soak/folder.ts";
import { initHistograms } from "../../../../src/stats/histogram.ts";
import { soakRow } from "../../../fixtures/soak-rows.ts";

const test = suite<{ folder: string }>("the log of a soak's rows");

const MANIFEST = newManifest({
  target: null,
  ...{ id: "s1", startedAt: "2026-01-01T00:00:00.000Z", tool: "bench", describe: "put" },
  ...{ everyMs: 600_000, durationMs: 3_600_000, maxErrorRate: 0, arguments: ["soak", "put"] },
});

test.before(initHistograms);

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-rows-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test("the folder is created for the first row, and rows are in it in order", async ({ folder }) => {
  const target = path.join(folder, "new/soak");
  const said: string[] = [];
  const log = new RowLog(target, MANIFEST, (line) => said.push(line));
  assert.equal(said, [], "a soak that is refused has no folder");
  for (const row of [1, 2, 3]) log.add(soakRow(row));
  assert.equal(await log.end(), { rows: [], failure: null, lostRows: null });
  assert.equal(said, [`rows are kept in ${target}`]);
  assert.equal(
    (await readSoakRows(target)).map(({ row }) => row),
    [1, 2, 3],
  );
});

test("a failed write is reported once, and its rows are kept and written later", async ({
  folder,
}) => {
  const target = path.join(folder, "soak");
  await writeFile(target, "in the way");
  const said: string[] = [];
  const log = new RowLog(target, MANIFEST, (line) => said.push(line));
  log.add(soakRow(1));
  log.add(soakRow(2));
  const blocked = await log.end();
  assert.equal(
    blocked.rows.map(({ row }) => row),
    [1, 2],
  );
  assert.match(blocked.failure!.message, /cannot make the folder .*soak/);
  assert.is(said.length, 1);
  assert.match(said[0]!, /the soak goes on, and its rows are kept in memory/);

  await rm(target);
  log.add(soakRow(3));
  assert.equal(await log.end(), { rows: [], failure: null, lostRows: null });
  assert.equal(
    (await readSoakRows(target)).map(({ row }) => row),
    [1, 2, 3],
  );
});

test("rows of a folder that was removed are written again, also those of the segments before", async ({
  folder,
}) => {
  const target = path.join(folder, "soak");
  const said: string[] = [];
  const log = new RowLog(target, MANIFEST, (line) => said.push(line), [soakRow(1), soakRow(2)]);
  log.add(soakRow(3));
  assert.equal(await log.end(), { rows: [], failure: null, lostRows: 0 });
  await rm(target, { recursive: true });
  log.add(soakRow(4));
  await log.end();
  await rm(target, { recursive: true });
  assert.equal(await log.end(), { rows: [], failure: null, lostRows: 0 });
  assert.equal(
    (await readSoakRows(target)).map(({ row }) => row),
    [1, 2, 3, 4],
  );
  const removed = `${target} was removed during the soak: its rows are written again`;
  assert.equal(said, [removed, `rows are kept in ${target}`, removed, removed]);
});

test("of a folder that was removed the newest thousand rows are there", async ({ folder }) => {
  const target = path.join(folder, "soak");
  const before = Array.from({ length: 1_005 }, (_, at) => soakRow(at + 1));
  const log = new RowLog(target, MANIFEST, () => {}, before);
  assert.is((await log.end()).lostRows, 5);
  const rows = await readSoakRows(target);
  assert.equal([rows.length, rows[0]!.row], [1_000, 6]);
});

test.run();
