/**
 * Writes down what a command does to a cluster, a file each, as long as it is in force. If bench dies
 * meanwhile, the next command that looks at the cluster puts it right.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { usageError } from "../../errors.ts";
import { makeFolders } from "../../make-folders.ts";
import type { FaultDirection, FaultKind } from "../../proxy/network-fault.ts";
import { isSystemError } from "../../system-error.ts";
import type { MemberMark } from "../local-cluster/changing-members.ts";
import { identityOf, isAlive, type ProcessIdentity } from "../local-cluster/process-identity.ts";
import { readNotedJson, writeNotedJson } from "./noted-json.ts";

export type FaultRecord =
  /** A member that SIGSTOP has paused, or whose process was ended and is to run again. */
  | { readonly kind: "pause" | "stop"; readonly member: string }
  /** A fault of a proxy in front of a member. */
  | {
      readonly kind: "network";
      readonly member: string;
      readonly side: "client" | "peer";
      readonly direction: FaultDirection;
      readonly fault: FaultKind;
    }
  /** The alarm of full space, by the id of the member that it was raised for. */
  | { readonly kind: "alarm"; readonly memberId: string }
  /** A member that is to be none, or one again. */
  | MemberMark;

interface RecordFile {
  readonly owner: ProcessIdentity;
  readonly fault: FaultRecord;
}

export interface AbandonedFault {
  readonly fault: FaultRecord;
  /** A bench that lives has the same in force, so that it stays. */
  readonly isOfAnother: boolean;
  /** Once it is put right. */
  forget(): void;
}

/** Records the faults of this process in a cluster, each once. */
export class FaultMarks {
  readonly #folder: string;
  readonly #removers = new Map<string, () => void>();

  /** @param folder the cluster's */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** False: it is recorded already. */
  set(fault: FaultRecord): boolean {
    const key = keyOf(fault);
    if (this.#removers.has(key)) return false;
    this.#removers.set(key, writeFault(this.#folder, fault));
    return true;
  }

  clear(fault: FaultRecord): void {
    this.#forget(keyOf(fault));
  }

  clearMember(kind: MemberMark["kind"], member: string): void {
    this.#forget(`${kind} ${member}`);
  }

  #forget(key: string): void {
    this.#removers.get(key)?.();
    this.#removers.delete(key);
  }
}

/** Those whose bench is gone, in the order in which they are to be put right. */
export function abandonedFaults(folder: string): AbandonedFault[] {
  const records = filesOf(faultsFolder(folder)).flatMap((file) => {
    const record = readRecord(file);
    return record === null ? [] : [{ file, ...record, isOver: !isAlive(record.owner) }];
  });
  const inForce = records.filter(({ isOver }) => !isOver).map(({ fault }) => keyOf(fault));
  return records
    .filter(({ isOver }) => isOver)
    .sort((a, b) => ORDER.indexOf(a.fault.kind) - ORDER.indexOf(b.fault.kind))
    .map(({ file, fault }) => ({
      fault,
      isOfAnother: inForce.includes(keyOf(fault)),
      forget: () => rmSync(file, { force: true }),
    }));
}

/** First what a majority may need, then what needs a majority. */
const ORDER: readonly FaultRecord["kind"][] = [
  ...(["network", "pause", "stop"] as const),
  ...(["leaves", "comes-back", "alarm"] as const),
];

/** Two records of one key are of one and the same fault. */
function keyOf(fault: FaultRecord): string {
  switch (fault.kind) {
    case "network":
      return `network ${fault.member} ${fault.side} ${fault.direction} ${fault.fault}`;
    case "alarm":
      return `alarm ${fault.memberId}`;
    case "leaves":
    case "comes-back":
      return `${fault.kind} ${fault.settings.name}`;
    default:
      return `${fault.kind} ${fault.member}`;
  }
}

/** Gives what removes the record, for when the fault is over. */
function writeFault(folder: string, fault: FaultRecord): () => void {
  const faults = faultsFolder(folder);
  makeFolders(faults, 0o700);
  const name = `${fault.kind}-${randomBytes(6).toString("hex")}`;
  const file = join(faults, `${name}.json`);
  const record: RecordFile = { owner: identityOf(process.pid), fault };
  writeNotedJson(file, record);
  return () => rmSync(file, { force: true });
}

/** Null: another process may have put it right and removed it. @throws BenchError (usage) for a broken one */
function readRecord(file: string): RecordFile | null {
  const fix = "remove it, and look whether a fault is still in force";
  const record = readNotedJson(file, fix);
  if (record === undefined) return null;
  if (!isWhole(record)) throw usageError(`${file} cannot be read: it is not whole; ${fix}`);
  return record;
}

function isWhole(record: unknown): record is RecordFile {
  const { owner, fault } = Object(record) as Partial<RecordFile>;
  if (!Number.isInteger(owner?.pid) || !ORDER.includes(fault?.kind as FaultRecord["kind"])) {
    return false;
  }
  const of = fault as FaultRecord;
  const isText = (value: unknown) => typeof value === "string";
  switch (of.kind) {
    case "network":
      return [of.member, of.side, of.direction, of.fault].every(isText);
    case "alarm":
      return isText(of.memberId);
    case "leaves":
    case "comes-back":
      return [of.settings?.name, of.settings?.endpoint].every(isText);
    default:
      return isText(of.member);
  }
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
