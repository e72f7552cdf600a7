/** Clients that contend for names; the test answers each of their calls. */
import * as assert from "uvu/assert";
import { nowNs as clockNs } from "../../../../src/clock.ts";
import type { WorkerShare } from "../../../../src/plan/shares.ts";
import type { ElectionWorkload } from "../../../../src/workloads/election/schema.ts";
import type { LockWorkload } from "../../../../src/workloads/lock/schema.ts";
import { Contend } from "../../../../src/workloads/parts/contention/contend.ts";
import type { ContendRequests } from "../../../../src/workloads/parts/contention/contend-requests.ts";
import {
  boardBuffer,
  ContentionBoard,
} from "../../../../src/workloads/parts/contention/contention-board.ts";
import { StepRig } from "../step-rig.ts";

export const LEASES = ["100", "200"];

export const SHAPE = { names: 1, clients: 2 };

export const SHARE: WorkerShare = {
  workerIndex: 0,
  connectionEndpoints: ["127.0.0.1:1"],
  clientConnections: [0, 0],
  clientNumbers: [0, 1],
  clients: 2,
};

/** The slot of the keep-alives, after those of the two clients. */
export const KEEP_ALIVES = 2;

export const UNAVAILABLE = 14;

export const TXN_ANSWER = "etcdserverpb.TxnResponse";

const COMMON = { holdMs: 0, ttlSeconds: 60, prefix: "p/" };

export const LOCK: LockWorkload = { kind: "lock", locker: "lock-rpc", locks: 1, ...COMMON };

export const RECIPE: LockWorkload = { ...LOCK, locker: "lock-client" };

export const ELECTION: ElectionWorkload = {
  kind: "election",
  elections: 1,
  proclaims: 0,
  ...COMMON,
};

interface Contended {
  rig: StepRig;
  board: ContentionBoard;
}

export function contended(plan: LockWorkload | ElectionWorkload): Contended {
  const buffer = boardBuffer(SHAPE);
  const requests: ContendRequests = {
    plan,
    names: ["p/0"],
    leases: LEASES,
    board: buffer,
    workers: 1,
  };
  const rig = new StepRig();
  rig.nowNs = clockNs();
  rig.workload = new Contend(requests, SHARE, rig, rig.transport, KEEP_ALIVES);
  return { rig, board: new ContentionBoard(buffer, SHAPE, 0) };
}

export function begin(rig: StepRig, ...clients: number[]): void {
  for (const client of clients) rig.workload.begin(client, rig.nowNs);
}

export function pathOf(rig: StepRig, slot: number): string {
  return rig.pending.get(slot)!.path.replace(/^.*\//, "");
}

/** Answers the client's Lock call as etcd's lock service does, after `ms`. */
export function locked(rig: StepRig, client: number, revision: number, ms: number): void {
  assert.is(pathOf(rig, client), "Lock");
  rig.nowNs += ms * 1e6;
  const key = Buffer.from(`p/0/${LEASES[client]}`);
  rig.answer(client, "v3lockpb.LockResponse", { header: { revision }, key });
}

/** Answers the client's Campaign call: the client is the leader. */
export function elected(rig: StepRig, client: number, rev: number): void {
  assert.is(pathOf(rig, client), "Campaign");
  const lease = LEASES[client]!;
  const leader = { name: Buffer.from("p/0"), key: Buffer.from(`p/0/${lease}`), rev, lease };
  rig.answer(client, "v3electionpb.CampaignResponse", { leader });
}
