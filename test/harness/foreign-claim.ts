/** Claims the folder of a session for the test, as another living bench does. */
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { identityOf } from "../../src/etcd/local-cluster/process-identity.ts";

/** Runs `work` while a process that is no session of its own, the test by default, uses the folder. */
export async function whileClaimed(
  folder: string,
  work: () => Promise<void>,
  claimant = process.pid,
): Promise<void> {
  const { pid, startTime } = identityOf(claimant);
  const file = path.join(folder, `.bench-session.${pid}.${encodeURIComponent(startTime ?? "")}`);
  await writeFile(file, "");
  try {
    await work();
  } finally {
    await rm(file);
  }
}
