/** Puts programs that bench has, or can find, in the place of those that a Procfile does not find. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { usageError } from "../../errors.ts";
import { lookForProgram } from "../../executable.ts";
import { entryFile } from "../../package-root.ts";
import type { EtcdBinary } from "../etcd-binary/binary.ts";
import { programOf, withProgram } from "./procfile-members.ts";

export interface FoundProgram {
  command: string;
  /** What was put in its place; null: the Procfile's own was found. */
  replaced: { program: string; by: string } | null;
}

/**
 * @param etcd called when an etcd is to be found, once at most
 * @throws BenchError (usage) for a program that is there and cannot be run
 */
export async function withFoundProgram(
  command: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  etcd: () => Promise<EtcdBinary>,
): Promise<FoundProgram> {
  const program = programOf(command);
  const look = lookForProgram(program, folder, env);
  if (look === "runs") return { command, replaced: null };
  // Another in its place would not be the one that is to be measured.
  if (look !== "absent") throw usageError(`${look.path} ${look.why}: ${look.fix}`);
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

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
