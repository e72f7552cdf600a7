/** Puts programs that bench has, or can find, in the place of those that a Procfile does not find. */
import { accessSync, constants } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { entryFile } from "../../package-root.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { allOnPath } from "../etcd-binary/executable.ts";
import { programOf, withProgram } from "./procfile-members.ts";

export interface FoundProgram {
  command: string;
  /** What was put in its place; null: the Procfile's own was found. */
  replaced: { program: string; by: string } | null;
}

/** @param etcd called when an etcd is to be found, once at most */
export async function withFoundProgram(
  command: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  etcd: () => Promise<EtcdBinary>,
): Promise<FoundProgram> {
  const program = programOf(command);
  if (isThere(program, folder, env)) return { command, replaced: null };
  const by = await substituteFor(basename(program), etcd);
  if (by === null) return { command, replaced: null };
  return { command: withProgram(command, by), replaced: { program, by } };
}

async function substituteFor(
  name: string,
  etcd: () => Promise<EtcdBinary>,
): Promise<string | null> {
  if (name === "etcd") return quoted((await etcd()).path);
  if (name !== "etcd-proxy") return null;
  const main = fileURLToPath(entryFile("main"));
  return `${quoted(process.execPath)} ${quoted(main)} proxy`;
}

function isThere(program: string, folder: string, env: NodeJS.ProcessEnv): boolean {
  if (!program.includes("/")) return allOnPath(program, env).length > 0;
  try {
    accessSync(resolve(folder, program), constants.X_OK);
    return true;
  } catch {
    // Absent and forbidden are the same answer here: it cannot be run.
    return false;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
