/**
 * A data folder that the user named: it belongs to one cluster, by a file in it, and is used for no
 * other, since an etcd on the data of another cluster joins that one.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { flagError } from "../../errors.ts";
import { makeFolders } from "../../make-folders.ts";
import { readNotedJson, writeNotedJson } from "./noted-json.ts";
import type { ClusterState } from "./state-file.ts";

const MARKER = "etcd-bench-cluster.json";

interface Marker {
  name: string;
  id: string;
}

/** Takes an empty folder, or makes one. @throws BenchError (usage) for one that holds anything */
export function claimDataFolder(folder: string, marker: Marker): void {
  const isNew = !existsSync(folder);
  makeFolders(folder, 0o700);
  const file = join(folder, MARKER);
  const found = markerIn(file);
  if (found !== null) {
    const { name } = found;
    throw flagError(
      "data-dir",
      `--data-dir=${folder} has the data of the cluster ${name}: start that one again with --name=${name}, or give an empty folder`,
    );
  }
  if (readdirSync(folder).length > 0) {
    throw flagError(
      "data-dir",
      `--data-dir=${folder} is not empty: give an empty folder, or a new one`,
    );
  }
  try {
    writeNotedJson(file, marker);
  } catch (cause) {
    if (isNew) rmdirSync(folder);
    throw cause;
  }
}

/** Removes what the cluster has put there, and the folder if nothing else is in it. */
export function releaseDataFolder({ dataFolder, id, members, procfile }: ClusterState): void {
  if (procfile !== null) {
    const made = members.filter(({ settings }) => settings.isDataFound !== true);
    for (const { settings } of made) removeFolder(settings.dataDir);
    return;
  }
  const file = join(dataFolder, MARKER);
  if (markerIn(file)?.id !== id) return;
  for (const { settings } of members) removeFolder(settings.dataDir);
  rmSync(file);
  if (readdirSync(dataFolder).length === 0) rmdirSync(dataFolder);
}

/** Null where there is none. @throws BenchError (usage) for one that cannot be read */
function markerIn(file: string): Marker | null {
  const marker = readNotedJson(file, "remove the folder, or name another one");
  return marker === undefined ? null : (Object(marker) as Marker);
}

/** Retries, since an etcd that was killed just now may still hold a file open. */
function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
