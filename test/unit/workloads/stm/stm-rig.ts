/** A client of stm; the test answers each of its calls. */
import * as assert from "uvu/assert";
import type { WorkerShare } from "../../../../src/plan/shares.ts";
import { Stm, stmSeries } from "../../../../src/workloads/stm/load.ts";
import type { StmWorkload } from "../../../../src/workloads/stm/schema.ts";
import { StepRig } from "../step-rig.ts";

export const CLIENT = 1;

const LEASES = ["100", "200", "300"];

/** Client 1 of this worker is the run's client 2. */
const SHARE: WorkerShare = {
  workerIndex: 0,
  connectionEndpoints: ["127.0.0.1:1"],
  clientConnections: [0, 0],
  clientNumbers: [0, 2],
  clients: 3,
};

interface Range {
  key: Buffer;
  revision: string;
  serializable: boolean;
}

interface Compare {
  result: string;
  target: string;
  key: Buffer;
  modRevision: string;
}

export interface Txn {
  compare: Compare[];
  success: {
    requestRange?: Range;
    requestPut?: { key: Buffer; value: Buffer; lease: string };
  }[];
  failure: { requestRange?: { key: Buffer } }[];
}

export function rigOf(changes: Partial<StmWorkload> = {}): { rig: StepRig; names: string[] } {
  const plan: StmWorkload = {
    kind: "stm",
    isolation: "serializable",
    keySpaceSize: 1000,
    keysPerTxn: 2,
    writePercent: 100,
    locker: "stm",
    valSizeBytes: 8,
    valueSize: null,
    prefix: "p/",
    ...changes,
  };
  const rig = new StepRig();
  const lock = plan.locker === "stm" ? null : { name: "lock", leases: LEASES };
  rig.workload = new Stm({ plan, lock }, 1, SHARE, rig, rig.transport);
  return { rig, names: stmSeries(plan) };
}

export function storedValue(counter: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeUIntBE(counter, 0, 6);
  return value;
}

/** Answers the current read with a key last written at `modRevision`; 0 means an absent key. */
export function read(rig: StepRig, revision: number, modRevision: number, counter = 0): Range {
  const request = askedRead(rig);
  const kv = { key: request.key, modRevision, createRevision: 3, value: storedValue(counter) };
  rig.nowNs += 1e6;
  answerRead(rig, CLIENT, revision, modRevision === 0 ? [] : [kv]);
  return request;
}

/** The client's current read: a transaction with one range of one key and no compares. */
export function askedRead(rig: StepRig): Range {
  const { compare, success, failure } = txn(rig);
  assert.equal([compare.length, success.length, failure.length], [0, 1, 0]);
  return success[0]!.requestRange!;
}

export function answerRead(rig: StepRig, client: number, revision: number, kvs: object[]): void {
  rig.answer(client, "etcdserverpb.TxnResponse", {
    header: { revision },
    succeeded: true,
    responses: [{ responseRange: { header: { revision }, kvs } }],
  });
}

export function txn(rig: StepRig): Txn {
  assert.is(rig.pending.get(CLIENT)!.path, "/etcdserverpb.KV/Txn");
  return rig.request<Txn>(CLIENT, "etcdserverpb.TxnRequest");
}

export function commit(
  rig: StepRig,
  succeeded: boolean,
  responses: object[] = [],
  revision = 60,
): void {
  rig.nowNs += 1e6;
  const answer = { header: { revision }, succeeded, responses };
  rig.answer(CLIENT, "etcdserverpb.TxnResponse", answer);
}
