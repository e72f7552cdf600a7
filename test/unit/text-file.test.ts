/** Tests reading small text files: pipes, byte order marks, and endless files. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reason } from "../../src/system-error.ts";
import { readEndOfFile, readFoundFile, readNamedFile } from "../../src/text-file.ts";

const test = suite<{ folder: string }>("text files");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "bench-text-"));
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const whyNot = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return reason(error);
  }
  return "it was read";
};

test("a text of several chunks is read whole, without its byte order mark", ({ folder }) => {
  const file = join(folder, "f");
  const text = `${"é".repeat(100_000)}\n`;
  writeFileSync(file, `\uFEFF${text}`);
  assert.is(readNamedFile(file), text);
  assert.is(readFoundFile(file), text);
  writeFileSync(file, "");
  assert.is(readNamedFile(file), "");
});

test("the last complete lines of a growing file are read", ({ folder }) => {
  const file = join(folder, "log");
  writeFileSync(file, `${"x".repeat(1_000_000)}\nlast\n`);
  assert.is(readEndOfFile(file, 6), "last\n");
  assert.is(readEndOfFile(file, 9), "last\n");
  writeFileSync(file, "short");
  assert.is(readEndOfFile(file, 6), "short");
  writeFileSync(file, "");
  assert.is(readEndOfFile(file, 6), "");
});

test("a pipe that the user names is read, and a pipe that bench finds is refused at once", ({
  folder,
}) => {
  const pipe = join(folder, "p");
  execFileSync("mkfifo", [pipe]);
  assert.is(
    whyNot(() => readFoundFile(pipe)),
    "it is no regular file",
  );
  const writer = spawn("sh", ["-c", `echo here > '${pipe}'`]);
  assert.is(readNamedFile(pipe), "here\n");
  assert.ok(writer.pid);
});

test("folders, endless devices and missing files each have a reason", ({ folder }) => {
  for (const read of [readNamedFile, readFoundFile]) {
    assert.is(
      whyNot(() => read(folder)),
      "it is a folder",
    );
    assert.is(
      whyNot(() => read(join(folder, "none"))),
      "no such file or folder",
    );
  }
  assert.is(
    whyNot(() => readNamedFile("/dev/zero")),
    "it is larger than what can be read",
  );
  assert.is(
    whyNot(() => readFoundFile("/dev/zero")),
    "it is no regular file",
  );
});

test.run();
