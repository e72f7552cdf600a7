/**
 * What is written down of agents that were placed: by which engine, where, and whether the coordination etcd
 * is bench's own. It is written before anything is started, so that nothing is left that no file names.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { flagError, usageError } from "../errors.ts";
import {
  emptyClusterFolder,
  LOCK_PREFIX,
  STATE_NAME,
  stateFolder,
} from "../etcd/named-cluster/clusters-folder.ts";
import { readNotedJson, writeNotedJson } from "../etcd/named-cluster/noted-json.ts";

export interface PlacementRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly engine: string;
  /** Of the engine; null: all that it had started is ended. */
  readonly plan: unknown;
  /** Whether the coordination etcd was started with the agents, and ends with them. */
  readonly hasOwnEtcd: boolean;
  /** Whether the engine was asked to start anything. */
  readonly isBegun: boolean;
  /** Whether all agents have joined once. */
  readonly isReady: boolean;
}

const SCHEMA_VERSION = 1;
const RECORD_FILE = "placement.json";

export const joinPathOf = (folder: string) => join(folder, "join.json");
export const etcdFolderOf = (folder: string) => join(folder, "coordination");

/** `$XDG_STATE_HOME/etcd-bench/agents/NAME`. @throws BenchError (usage) for what is no name */
export function placementFolder(name: string, env: NodeJS.ProcessEnv): string {
  if (STATE_NAME.test(name)) return join(stateFolder("agents", env), name);
  throw flagError(
    "group",
    `--group=${name}: a group's name has letters, digits, dots, dashes and underscores, e.g. --group=nightly`,
  );
}

/** Sorted; also of those whose start was killed. */
export function placementNames(env: NodeJS.ProcessEnv): string[] {
  const folder = stateFolder("agents", env);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/**
 * Null where there is none: a start that was killed before it began.
 * @throws BenchError (usage) for a folder that is not of `bench agents`, or a record that cannot be read
 */
export function readRecord(folder: string): PlacementRecord | null {
  const file = join(folder, RECORD_FILE);
  const fix = "end its agents by hand, and remove the folder";
  const record = readNotedJson(file, fix);
  if (record === undefined) {
    assertOurs(folder);
    return null;
  }
  const { schemaVersion, name, id, engine } = Object(record) as Partial<PlacementRecord>;
  if (schemaVersion !== SCHEMA_VERSION) {
    if (typeof schemaVersion !== "number")
      throw usageError(`${file} cannot be read: it is not whole; ${fix}`);
    throw usageError(
      `${file} is of another version of bench (${schemaVersion}): use that version, or ${fix}`,
    );
  }
  if (![name, id, engine].every((each) => typeof each === "string")) {
    throw usageError(`${file} cannot be read: it is not whole; ${fix}`);
  }
  return record as PlacementRecord;
}

/** @throws BenchError (usage) that names the file */
export function writeRecord(folder: string, record: PlacementRecord): void {
  writeNotedJson(join(folder, RECORD_FILE), record);
}

/** The record goes last: a bench that is killed here leaves what the next one can go on with. */
export function emptyPlacementFolder(folder: string): void {
  emptyClusterFolder(folder, RECORD_FILE);
}

/** @throws BenchError (usage) for a folder with files that are not bench's */
function assertOurs(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const other = names.find(
    (name) => !name.startsWith(LOCK_PREFIX) && !name.startsWith(`.${RECORD_FILE}`),
  );
  if (other === undefined) return;
  throw usageError(
    `${folder} is not a folder of bench agents: it has ${other} and no ${RECORD_FILE}; move it away, or give another --group`,
  );
}
