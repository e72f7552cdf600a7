import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sourceStack } from "../../../src/cli/source-stack.ts";

test("lines of a bundle are shown as lines of its source, and all others unchanged", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-stack-"));
  try {
    const chunk = path.join(folder, "chunks", "run.cjs");
    const lines = (position: string) =>
      ["Error: broken", `    at run (${position})`, "    at node:internal/timers:5:1"].join("\n");
    assert.is(sourceStack(lines(`${chunk}:2:1`)), lines(`${chunk}:2:1`));

    const other = path.join(folder, "other.cjs");
    // Line 1 of the chunk is line 3 of the source.
    const map = { version: 3, sources: ["../src/run.ts"], names: [], mappings: "AAEA" };
    writeFileSync(`${other}.map`, JSON.stringify(map));
    const source = path.resolve(folder, "../src/run.ts");
    assert.is(sourceStack(lines(`${other}:1:1`)), lines(`${source}:3:1`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
