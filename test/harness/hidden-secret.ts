/** Searches for a secret in the output of bench and in the files that it writes. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as assert from "uvu/assert";
import type { BenchEnd } from "./bench-process.ts";

export function assertHidden(secret: string, text: string, where: string): void {
  const at = text.indexOf(secret);
  assert.is(at, -1, `${where}: ...${text.slice(Math.max(0, at - 80), at + 40)}`);
}

/**
 * Checks names and contents of all files below the folder, except files that a test wrote itself.
 * Resolves to the number of files read.
 */
export async function assertFilesHide(
  secret: string,
  folder: string,
  own: readonly string[] = [],
): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let files = 0;
  for (const entry of entries) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    assertHidden(secret, path.relative(folder, file), "the name of a file");
    if (!entry.isFile() || own.includes(entry.name)) continue;
    files++;
    assertHidden(secret, await readFile(file, "latin1"), file);
  }
  return files;
}

export function assertPrintsHide(
  secret: string,
  { stdout, stderr }: BenchEnd,
  words: readonly string[],
): void {
  assertHidden(secret, stdout, `standard output of ${words.join(" ")}`);
  assertHidden(secret, stderr, `standard error of ${words.join(" ")}`);
}
