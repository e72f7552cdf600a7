/** What becomes of the outputs of a command whose runs have no result. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ProgressDisplay } from "../../../../src/cli/measure/progress.ts";
import { deliverResults, prepareDestination } from "../../../../src/cli/output/deliver-results.ts";
import { EXIT } from "../../../../src/errors.ts";
import { formatNames } from "../../../../src/report/formats.ts";

test("without a result no output is written, in any format, and a line names those that are not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bench-deliver-"));
  const said: string[] = [];
  const display = { say: (line: string) => said.push(line) } as unknown as ProgressDisplay;
  try {
    const names = formatNames("results");
    const output = names.map((name) => `${name}=${join(folder, name)}`);
    const destination = await prepareDestination({ output });
    assert.is(await deliverResults([], destination, { output }, display), EXIT.done);
    for (const name of names) {
      assert.not(existsSync(join(folder, name)), name);
      assert.ok(said[0]!.includes(join(folder, name)), name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
