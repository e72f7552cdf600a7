/** Tests making folders, in a temporary one and in places where the system allows none. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeFolders } from "../../src/make-folders.ts";

const at = mkdtempSync(join(tmpdir(), "bench-folders-"));
test.after(() => rmSync(at, { recursive: true }));

const codeOf = (folder: string): string | undefined => {
  try {
    makeFolders(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
};

test("a folder is made with its missing parents, and each has the mode", () => {
  makeFolders(join(at, "a/b/c"), 0o700);
  for (const folder of ["a", "a/b", "a/b/c"]) {
    const status = statSync(join(at, folder));
    assert.ok(status.isDirectory());
    assert.is(status.mode & 0o777, 0o700);
  }
});

test("an existing folder keeps its mode and its files", () => {
  const folder = join(at, "kept");
  makeFolders(folder, 0o700);
  writeFileSync(join(folder, "file"), "text");
  makeFolders(folder, 0o755);
  assert.is(statSync(folder).mode & 0o777, 0o700);
  assert.ok(statSync(join(folder, "file")).isFile());
});

test("a file in the path gives the system's error", () => {
  const file = join(at, "file");
  writeFileSync(file, "text");
  assert.is(codeOf(file), "EEXIST");
  assert.is(codeOf(join(file, "below")), "ENOTDIR");
});

test("a folder that the system refuses as missing gives an error and no endless loop", () => {
  assert.is(codeOf("/proc/bench/deep/er"), process.platform === "linux" ? "ENOENT" : "EACCES");
});

test.run();
