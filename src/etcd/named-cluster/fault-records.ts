/**
 * Writes down what a run does to a cluster, a file each, as long as it is in force. If bench dies
 * meanwhile, the next command that looks at the cluster puts it right.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../system-error.ts";
import { identityOf, isAlive, type ProcessIdentity } from "../local-cluster/process-identity.ts";
import { readNotedJson, writeNotedJson } from "./noted-json.ts";

export type FaultRecord =
  /** A member that SIGSTOP has paused. */
  | { readonly kind: "pause"; readonly member: string }
  /** A member whose process was ended, and is to run again. */
  | { readonly kind: "stop"; readonly member: string }
  /** Faults of the proxies in front of a member. */
  | { readonly kind: "proxy"; readonly member: string }
  /** A file system that was mounted. */
  | { readonly kind: "mount"; readonly path: string }
  /** A process that acts on a member, such as strace; SIGTERM ends it. */
  | ({ readonly kind: "process" } & ProcessIdentity);

type MemberFault = Extract<FaultRecord, { readonly member: string }>["kind"];

interface RecordFile {
  readonly owner: ProcessIdentity;
  readonly fault: FaultRecord;
}

/** Gives what removes the record, for when the fault is over. */
export function writeFault(folder: string, fault: FaultRecord): () => void {
  const faults = faultsFolder(folder);
  mkdirSync(faults, { recursive: true, mode: 0o700 });
  const name = `${fault.kind}-${randomBytes(6).toString("hex")}`;
  const file = join(faults, `${name}.json`);
  const record: RecordFile = { owner: identityOf(process.pid), fault };
  writeNotedJson(file, record);
  return () => rmSync(file, { force: true });
}

/** Records the faults of this process in a cluster: of each kind one for each member. */
export class FaultMarks {
  readonly #folder: string;
  readonly #removers = new Map<string, () => void>();

  /** @param folder the cluster's */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Does nothing where the fault is recorded already. */
  set(kind: MemberFault, member: string): void {
    const key = `${kind} ${member}`;
    if (this.#removers.has(key)) return;
    this.#removers.set(key, writeFault(this.#folder, { kind, member }));
  }

  clear(kind: MemberFault, member: string): void {
    const key = `${kind} ${member}`;
    this.#removers.get(key)?.();
    this.#removers.delete(key);
  }
}

/** Those whose bench is gone, each with what removes its record once it is put right. */
export function abandonedFaults(folder: string): { fault: FaultRecord; forget(): void }[] {
  return filesOf(faultsFolder(folder)).flatMap((file) => {
    const record = readNotedJson(file, "remove it, and look whether a fault is still in force");
    // Another process may have put it right and removed it.
    if (record === undefined) return [];
    const { owner, fault } = Object(record) as RecordFile;
    return isAlive(owner) ? [] : [{ fault, forget: () => rmSync(file, { force: true }) }];
  });
}

function faultsFolder(folder: string): string {
  return join(folder, "faults");
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(folder, name));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}
