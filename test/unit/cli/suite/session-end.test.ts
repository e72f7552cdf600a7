/** What a session says at its end of its folder, which may have been removed meanwhile. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sessionEnd } from "../../../../src/cli/suite/session-end.ts";
import { SUITE_MANIFEST } from "../../../../src/result/saved-files.ts";

const test = suite<{ folder: string }>("the end of a session");

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(os.tmpdir(), "bench-session-"));
  await writeFile(path.join(context.folder, SUITE_MANIFEST), "{}");
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

test("a session names its folder, or the command that goes on with it", async ({ folder }) => {
  const resume = ["run", `--resume=${folder}`];
  assert.equal(await sessionEnd(folder, { runs: 4, missing: 0 }, resume), {
    folder,
    line: `results are in ${folder}`,
  });
  assert.equal(await sessionEnd(folder, { runs: 4, missing: 3 }, resume), {
    folder,
    line: `3 of 4 runs are missing; bench run --resume=${folder} goes on with what is missing`,
  });
});

test("a session whose folder was removed names neither", async ({ folder }) => {
  await rm(folder, { recursive: true });
  const end = await sessionEnd(folder, { runs: 4, missing: 3 }, ["run", `--resume=${folder}`]);
  assert.is(end.folder, null);
  assert.match(end.line, / was removed during the session: .* --resume cannot go on$/);
});

test.run();
