/** Reads a Procfile as goreman does: a name, a colon and a command for a shell on each line. */
import { dirname, join, resolve } from "node:path";
import { usageError } from "../../errors.ts";
import { isSystemError, reason } from "../../system-error.ts";
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";
import { keepVariableSecrets } from "../../text/variable-secrets.ts";
import { readFoundFile, readNamedFile } from "../../text-file.ts";
import { parseEnvFile } from "./env-file.ts";

export interface ProcfileEntry {
  name: string;
  command: string;
  /** From 1. */
  line: number;
}

export interface Procfile {
  path: string;
  /** Where its commands run. */
  folder: string;
  entries: readonly ProcfileEntry[];
  /** Of the `.env` next to it. */
  env: Readonly<Record<string, string>>;
}

/** Of the first entry; each further one has 100 more. */
const FIRST_PORT = 5_000;
const PORT_STEP = 100;

/**
 * @param renamesDuplicates the second `a` becomes `a-2`
 * @throws BenchError (usage) that names the file, and the lines of a name that is there twice
 */
export function readProcfile(file: string, renamesDuplicates: boolean): Procfile {
  const path = resolve(file);
  const folder = dirname(path);
  const entries = parseProcfile(file, readText(file), renamesDuplicates);
  const env = readEnv(join(folder, ".env"));
  keepVariableSecrets(env);
  keepArgumentSecrets(entries.map(({ command }) => command));
  return { path, folder, entries, env };
}

export function parseProcfile(
  file: string,
  text: string,
  renamesDuplicates: boolean,
): ProcfileEntry[] {
  const entries: ProcfileEntry[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const colon = raw.indexOf(":");
    if (colon < 0 || raw.startsWith("#")) continue;
    const entry = { name: raw.slice(0, colon).trim(), command: raw.slice(colon + 1).trim() };
    const line = index + 1;
    if (entry.name.startsWith("#")) continue;
    if (entry.name === "" || entry.command === "") {
      throw usageError(`${file}:${line}: a line is a name, a colon and a command`);
    }
    const known = entries.find(({ name }) => name === entry.name);
    if (known !== undefined && !renamesDuplicates) {
      throw usageError(
        `${file}: ${entry.name} is on lines ${known.line} and ${line}: rename one, or give --rename-duplicates`,
      );
    }
    entries.push({ ...entry, name: freeName(entry.name, entries), line });
  }
  if (entries.length === 0) {
    throw usageError(`${file}: no valid entry: a line is a name, a colon and a command`);
  }
  return entries;
}

/** goreman's own words. */
export function procfileSentence(entries: readonly Pick<ProcfileEntry, "name">[]): string {
  const names = entries.map(({ name }) => name).sort();
  return `valid procfile detected (${names.join(", ")})`;
}

/** What the entry's command gets on top of bench's environment. */
export function environmentOf({ env }: Procfile, index: number): Record<string, string> {
  return { ...env, PORT: String(FIRST_PORT + PORT_STEP * index) };
}

function freeName(wanted: string, entries: readonly ProcfileEntry[]): string {
  let name = wanted;
  for (let number = 2; entries.some((each) => each.name === name); number++) {
    name = `${wanted}-${number}`;
  }
  return name;
}

function readText(file: string): string {
  try {
    const text = readNamedFile(file);
    refuseNul(file, text);
    return text;
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw usageError(`-f ${file}: ${reason(cause)}; name a Procfile`, cause);
  }
}

/** No command and no variable can hold one. */
function refuseNul(file: string, text: string): void {
  const at = text.indexOf("\0");
  if (at < 0) return;
  const line = text.slice(0, at).split("\n").length;
  throw usageError(`${file}:${line}: there is a NUL character; write the file as UTF-8 text`);
}

function readEnv(file: string): Record<string, string> {
  try {
    const text = readFoundFile(file);
    refuseNul(file, text);
    return parseEnvFile(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return {};
    if (!isSystemError(cause)) throw cause;
    throw usageError(`${file}: ${reason(cause)}; correct its permissions, or remove it`, cause);
  }
}
