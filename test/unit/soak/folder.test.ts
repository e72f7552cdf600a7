/** Tests the folder of a soak: rows on disk, new files, and rows cut off by a crash. */
import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  appendSoakRow,
  beginSoakFolder,
  cutTornRow,
  newManifest,
  readSoakResults,
  readSoakRows,
} from "../../../src/soak/folder.ts";
import { readSoakReport } from "../../../src/soak/report-of-folder.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { soakRow } from "../../fixtures/soak-rows.ts";

const test = suite<{ folder: string }>("the folder of a soak");

test.before(initHistograms);

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-soak-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test("rows are read as they were written, and each thousand rows have their own file", async ({
  folder,
}) => {
  const rows = [1, 2, 1_000, 1_001].map((row) => soakRow(row));
  for (const row of rows) await appendSoakRow(folder, row);
  assert.equal((await readdir(folder)).sort(), ["rows-0001.jsonl", "rows-0002.jsonl"]);
  assert.equal(await readSoakRows(folder), rows);
});

test("a row that a crash cut off is skipped, and the next row replaces it", async ({ folder }) => {
  await appendSoakRow(folder, soakRow(1));
  await appendFile(path.join(folder, "rows-0001.jsonl"), '{"row":2,"segm');
  assert.equal(
    (await readSoakRows(folder)).map(({ row }) => row),
    [1],
  );
  await cutTornRow(folder);
  await appendSoakRow(folder, soakRow(2));
  assert.equal(
    (await readSoakRows(folder)).map(({ row }) => row),
    [1, 2],
  );
  await cutTornRow(folder);
  assert.is((await readSoakRows(folder)).length, 2, "whole rows stay");
});

async function refusesRows(folder: string, why: RegExp): Promise<void> {
  try {
    await readSoakRows(folder);
  } catch (error) {
    assert.match((error as Error).message, why);
    return;
  }
  assert.unreachable("the rows were read");
}

test("pipes in place of rows and segments are refused, and not waited for", async ({ folder }) => {
  const pipes = ["rows-0001.jsonl", "segment-0001.json"];
  execFileSync(
    "mkfifo",
    pipes.map((name) => path.join(folder, name)),
  );
  await refusesRows(folder, /rows-0001\.jsonl: it is no regular file$/);
  const refused = await readSoakResults(folder).catch((error: Error) => error.message);
  assert.match(String(refused), /segment-0001\.json is no regular file; remove it$/);
});

test("the error for a damaged line gives its file and number", async ({ folder }) => {
  await appendSoakRow(folder, soakRow(1));
  await appendFile(path.join(folder, "rows-0001.jsonl"), '{"row":2}\n');
  await refusesRows(folder, /rows-0001\.jsonl, line 2, is not a row of bench soak: /);
});

test("a row with a damaged histogram is refused with its file and line", async ({ folder }) => {
  const row = structuredClone(soakRow(1));
  row.series[0]!.serviceTime.histogram = row.series[0]!.serviceTime.histogram!.slice(0, 24);
  await appendSoakRow(folder, row);
  await refusesRows(
    folder,
    /rows-0001\.jsonl, line 1, .*: series\[0\]\.serviceTime\.histogram: damaged histogram: /,
  );
});

test("the report of a folder without a finished segment uses only its rows", async ({ folder }) => {
  await beginSoakFolder(
    folder,
    newManifest({
      target: null,
      ...{ id: "s1", startedAt: "2026-01-01T00:00:00.000Z", tool: "bench", describe: "put" },
      ...{ everyMs: 600_000, durationMs: 3_600_000, maxErrorRate: 0, arguments: ["soak", "put"] },
    }),
  );
  await appendSoakRow(folder, soakRow(1));
  await writeFile(path.join(folder, "notes.txt"), "kept by the user");
  const report = await readSoakReport(folder);
  assert.equal([report.id, report.rows.length, report.verdict.kind], ["s1", 1, "undecided"]);
  assert.is(report.totals[0]!.succeeded, 2_000);
});

test.run();
