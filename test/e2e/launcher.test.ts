/** Drives bin/bench, which npx and links start: before a build, and through links. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot, toolName } from "../../src/package-root.ts";

const LAUNCHER = join(packageRoot(), "bin", "bench");

function version(command: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(command, ["--version"], { encoding: "utf8" });
}

test("the launcher has its run bit, and starts bench also through links", () => {
  assert.is(statSync(LAUNCHER).mode & 0o111, 0o111);
  const folder = mkdtempSync(join(tmpdir(), "bench-launcher-"));
  try {
    mkdirSync(join(folder, "bin"));
    symlinkSync(LAUNCHER, join(folder, "bench"));
    symlinkSync("../bench", join(folder, "bin", "bench"));
    for (const command of [LAUNCHER, join(folder, "bench"), join(folder, "bin", "bench")]) {
      const { status, stdout, stderr } = version(command);
      assert.equal([status, stdout, stderr], [0, `${toolName()}\n`, ""]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("before the set-up the launcher says which step is missing, and where", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-launcher-"));
  try {
    cpSync(LAUNCHER, join(folder, "bin", "bench"));
    const { status, stdout, stderr } = version(join(folder, "bin", "bench"));
    assert.equal([status, stdout], [2, ""]);
    assert.match(
      stderr,
      /^bench: this checkout is not built yet; run npm run setup in \/.*bench-launcher-/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
