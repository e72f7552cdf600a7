/** What becomes of the outputs of a command whose runs have no result. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ProgressDisplay } from "../../../../src/cli/measure/progress.ts";
import { deliverResults, prepareDestination } from "../../../../src/cli/output/deliver-results.ts";
import { EXIT } from "../../../../src/errors.ts";
import { formatNames } from "../../../../src/report/formats.ts";
import { resultFixture } from "../../../fixtures/result-fixture.ts";

test("without a result no output is written, in any format, and a line names those that are not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-deliver-"));
  const said: string[] = [];
  const display = { say: (line: string) => said.push(line) } as unknown as ProgressDisplay;
  try {
    const names = formatNames("results");
    const output = names.map((name) => `${name}=${join(folder, name)}`);
    const destination = await prepareDestination({ output });
    const delivered = await deliverResults([], destination, { output }, display);
    assert.equal(delivered, { exitCode: EXIT.done, savedIn: null });
    for (const name of names) {
      assert.not(existsSync(join(folder, name)), name);
      assert.ok(said[0]!.includes(join(folder, name)), name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("results are in no folder unless each of them is saved", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-deliver-"));
  const display = { say: () => {} } as unknown as ProgressDisplay;
  const deliver = (saveFolder: string) =>
    deliverResults([resultFixture()], { outputs: [], saveFolder }, {}, display);
  try {
    const saved = join(folder, "saved");
    assert.equal(await deliver(saved), { exitCode: EXIT.done, savedIn: saved });
    const file = join(folder, "file");
    await writeFile(file, "");
    assert.equal(await deliver(file), { exitCode: EXIT.failed, savedIn: null });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
