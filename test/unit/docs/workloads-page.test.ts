/** Tests the page of workloads in docs/ against the definitions that it is made from. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { workloadsPage } from "../../../src/docs/workloads-page.ts";
import { packageRoot } from "../../../src/package-root.ts";

test("docs/workloads.md is the output of npm run docs", async () => {
  const page = readFileSync(path.join(packageRoot(), "docs/workloads.md"), "utf8");
  assert.is(page, await workloadsPage(), "run npm run docs");
});

test.run();
