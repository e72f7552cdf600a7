/** Finds files of certificates that no longer hold what was read of them, as after their renewal. */
import { readFileSync, statSync } from "node:fs";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { TlsPlan } from "../plan/schema.ts";
import { isGivenOnce } from "./named-pipe.ts";

/** One note where any file that `plan` names was replaced since `read` was read, else none. */
export function replacedFileNotes(plan: TlsPlan | null, read: TlsMaterial | null): string[] {
  if (plan === null || read === null) return [];
  const replaced = [
    ...(isReplaced(plan.caFile, read.ca) ? ["--cacert"] : []),
    ...(isReplaced(plan.certFile, read.cert) ? ["--cert"] : []),
    ...(isReplaced(plan.keyFile, read.key) ? ["--key"] : []),
  ];
  if (replaced.length === 0) return [];
  const [files, them] = replaced.length === 1 ? ["file", "it"] : ["files", "them"];
  return [
    `The ${files} of ${replaced.join(", ")} changed after bench had read ${them}: connections opened ` +
      `since then used what was read; start anew to use what is in ${them} now.`,
  ];
}

/** A pipe cannot be read again; a file that is away for now may be in the middle of its renewal. */
function isReplaced(file: string | null, text: string | null): boolean {
  if (file === null || text === null || isGivenOnce(file)) return false;
  try {
    return statSync(file).isFile() && readFileSync(file, "utf8") !== text;
  } catch {
    return false;
  }
}
