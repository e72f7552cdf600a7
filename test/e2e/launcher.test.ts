/** Runs bin/bench, which npx and links start: before a build, and through links. */
import { execFile, spawnSync } from "node:child_process";
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot, toolName } from "../../src/package-root.ts";

const LAUNCHER = join(packageRoot(), "bin", "bench");

function version(command: string): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(command, ["--version"], { encoding: "utf8" });
}

test("the launcher is executable, and also starts bench through links", () => {
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

test("before the set-up the launcher prints the missing step and the folder", () => {
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

test("the launcher starts the bundle, or the modules when tsc compiled after it", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-launcher-"));
  try {
    cpSync(LAUNCHER, join(folder, "bin", "bench"));
    for (const made of ["dist/bundle", "dist/src", "node_modules/yargs"]) {
      mkdirSync(join(folder, made), { recursive: true });
    }
    const bundle = join(folder, "dist/bundle/main.cjs");
    const compiled = join(folder, "dist/.tsbuildinfo");
    writeFileSync(bundle, 'console.log("bundle")');
    writeFileSync(join(folder, "dist/src/main.js"), 'console.log("modules")');
    writeFileSync(compiled, "");
    const started = (bundleSeconds: number, compiledSeconds: number) => {
      utimesSync(bundle, bundleSeconds, bundleSeconds);
      utimesSync(compiled, compiledSeconds, compiledSeconds);
      return version(join(folder, "bin", "bench")).stdout;
    };
    assert.is(started(2_000, 1_000), "bundle\n");
    assert.is(started(1_000, 2_000), "modules\n");
    rmSync(bundle);
    assert.is(version(join(folder, "bin", "bench")).stdout, "modules\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the single-file bundle runs alone, even when two start at the same time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-launcher-"));
  try {
    const file = join(folder, "bench.cjs");
    cpSync(join(packageRoot(), "dist", "bundle", "bench.cjs"), file);
    const run = (...args: string[]) => promisify(execFile)(process.execPath, [file, ...args]);
    const both = await Promise.all([run("--version"), run("--version")]);
    assert.equal(
      both.map(({ stdout }) => stdout),
      [`${toolName()}\n`, `${toolName()}\n`],
    );
    // The second start leaves no files.
    assert.is(readdirSync(folder).length, 2);
    // It has the protos, and everything that a run loads before its threads.
    const { code, stderr } = await run("put", "--endpoints=127.0.0.1:1").catch((error) => error);
    assert.is(code, 3, stderr);
    assert.match(stderr, /127\.0\.0\.1:1/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

// Only root can give a folder to another user.
const asRoot = userInfo().uid === 0 ? test : test.skip;

asRoot("the single-file bundle runs no files that another user put next to it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-launcher-"));
  try {
    const file = join(folder, "bench.cjs");
    cpSync(join(packageRoot(), "dist", "bundle", "bench.cjs"), file);
    const run = () => promisify(execFile)(process.execPath, [file, "--version"]);
    await run();
    const unpacked = join(folder, readdirSync(folder).find((name) => name !== "bench.cjs")!);
    chownSync(unpacked, 65_534, 65_534);
    const { code, stdout, stderr } = await run().catch((error) => error);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(
      stderr,
      /^bench: \S+ is another user's: move \S+bench\.cjs to a folder of your own$/m,
    );
    chownSync(file, 65_534, 65_534);
    assert.is((await run()).stdout, `${toolName()}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
