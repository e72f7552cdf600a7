/**
 * Carries out `bench clean`: finds what earlier runs may have left, shows how many keys that are, asks,
 * and deletes them.
 */
import { existsSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { loadSaved } from "../../compare/saved.ts";
import { EXIT, flagError, usageError } from "../../errors.ts";
import { ControlClient, ControlError } from "../../etcd/control-client.ts";
import { controlFault } from "../../etcd/control-fault.ts";
import type { MemberStatus } from "../../etcd/control-messages.ts";
import { openAccess } from "../../etcd/token-source.ts";
import { type GivenFlags, readFlags } from "../../flags/flag.ts";
import { RESULTS_FOLDER } from "../../flags/output.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import { targetOf } from "../../plan/target-from-flags.ts";
import type { RunResult } from "../../result/schema.ts";
import { LeftKeysInEtcd } from "../../run/delete-left-keys.ts";
import { keysBelow } from "../../run/left-keys.ts";
import { type Column, renderGrid } from "../../tables/grid.ts";
import { formatNoun } from "../../text/noun.ts";
import { withThousands } from "../../thousands.ts";
import { environment } from "../argv/environment.ts";
import { readAccess } from "../measure/access.ts";
import { EndpointDiscovery } from "../measure/discovery.ts";
import { writeStandardError, writeStandardOutput } from "../output/standard-output.ts";
import { sayWhatIsSkipped } from "../saved/skipped-files.ts";
import { CLEAN_FLAGS } from "./clean-flags.ts";
import { type KeysToDelete, keysOfResults } from "./keys-of-results.ts";

type Counted = KeysToDelete & { count: number };

/** Resolves to the exit code. @throws BenchError where etcd cannot be asked, or nothing was named */
export async function runClean(paths: readonly string[], given: GivenFlags): Promise<number> {
  const { prefix, isSure } = readFlags(CLEAN_FLAGS, given);
  const results = prefix === null ? await savedResults(paths) : [];
  if (prefix !== null && paths.length > 0) {
    throw flagError(
      "prefix",
      `--prefix and ${paths[0]} exclude each other: each says which keys are deleted; give one of them`,
    );
  }
  const discovery = new EndpointDiscovery();
  const flags = await discovery.flags(given);
  const env = await discovery.variablesFor(flags, environment());
  const note = (line: string) => writeStandardError(`note: ${line}\n`);
  const target = targetOf(readFlags(TARGET_FLAGS, flags), flags, env, note);
  const access = openAccess(target.endpoints, await readAccess({ target }, flags, env));
  const client = new ControlClient(target.endpoints, { access });
  try {
    const found =
      prefix === null
        ? await foundKeys(results, client, note)
        : [{ keys: keysBelow(prefix), sinceRevision: 0, workloads: new Set<string>(), runs: 0 }];
    const etcd = new LeftKeysInEtcd(client);
    const counted: Counted[] = [];
    for (const each of found) {
      counted.push({ ...each, count: await etcd.count(each.keys, each.sinceRevision) });
    }
    const keys = counted.reduce((sum, { count }) => sum + count, 0);
    await writeStandardOutput(whatIsThere(counted, keys, target.endpoints));
    if (keys === 0) return EXIT.done;
    if (!isSure && !(await agrees(keys))) return EXIT.done;
    let deleted = 0;
    for (const { keys: left, sinceRevision, count } of counted) {
      if (count > 0) deleted += await etcd.delete(left, sinceRevision);
    }
    await writeStandardOutput(`Deleted ${formatNoun(deleted, "key")}.`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const what = "the keys of earlier runs could not be read or deleted";
    throw await controlFault(what, error, { client, tls: access.tls });
  } finally {
    client.close();
    access.tokens?.close();
  }
}

async function savedResults(paths: readonly string[]): Promise<RunResult[]> {
  if (paths.length === 0 && !existsSync(RESULTS_FOLDER)) {
    throw usageError(
      `there is no folder ${RESULTS_FOLDER} here: name saved results, e.g. bench clean run.json, or give --prefix`,
    );
  }
  const { files, skipped } = await loadSaved(paths.length === 0 ? [RESULTS_FOLDER] : paths);
  sayWhatIsSkipped(skipped);
  return files.flatMap(({ saved }) => (saved.kind === "results" ? saved.results : []));
}

/** Of the first endpoint that answers, as the keys are read from there too. */
async function statusOfAny(client: ControlClient): Promise<MemberStatus> {
  let fault: unknown;
  for (const endpoint of client.endpoints) {
    try {
      return await client.status(endpoint);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      fault = error;
    }
  }
  throw fault;
}

async function foundKeys(
  results: readonly RunResult[],
  client: ControlClient,
  note: (line: string) => void,
): Promise<KeysToDelete[]> {
  const { clusterId } = await statusOfAny(client);
  const { found, notes } = await keysOfResults(results, clusterId);
  for (const line of notes) note(line);
  return found;
}

const OTHER_RUNS = "Keys of runs that were not saved are found by --prefix=TEXT.";
const MOST_PLACES = 5;

function placesOf(counted: readonly Counted[]): string {
  const places = counted.slice(0, MOST_PLACES).map(({ keys: { keySpace, words } }) =>
    // Varints are a set of keys, and the others a place.
    keySpace?.encoding === "varint" ? `of the ${words}` : words,
  );
  const more = counted.length - places.length;
  if (more > 0) places.push(`at ${formatNoun(more, "more place")}`);
  return places.join(", ");
}

function whatIsThere(counted: readonly Counted[], keys: number, endpoints: string[]): string {
  const where = endpoints.join(", ");
  if (keys === 0) {
    const [only] = counted;
    if (only?.runs === 0) return `No keys ${only.keys.words} are at ${where}.`;
    return only === undefined
      ? `Nothing was looked for at ${where}, as no saved run may have left keys there. ${OTHER_RUNS}`
      : `No keys of saved runs are at ${where}: none ${placesOf(counted)}. ${OTHER_RUNS}`;
  }
  const columns: Column<Counted>[] = [
    { header: ["keys"], cell: ({ count }) => withThousands(count) },
    { header: ["where"], align: "left", cell: ({ keys: { words } }) => words },
    {
      header: ["left by"],
      align: "left",
      cell: ({ workloads, runs }) =>
        runs === 0 ? "" : `${[...workloads].join(", ")} (${formatNoun(runs, "run")})`,
    },
  ];
  const rows = counted.filter(({ count }) => count > 0);
  const grid = renderGrid(columns, rows, { color: false, widthColumns: null });
  return `${grid}\n\n${formatNoun(keys, "key")} at ${where}.`;
}

/** Without a terminal the user cannot be asked, and nothing is deleted. */
async function agrees(keys: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    writeStandardError("note: nothing was deleted; --yes deletes these keys\n");
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`Delete ${formatNoun(keys, "key")}? [y/N] `);
    if (/^y(es)?$/i.test(answer.trim())) return true;
    writeStandardError("nothing was deleted\n");
    return false;
  } finally {
    lines.close();
  }
}
