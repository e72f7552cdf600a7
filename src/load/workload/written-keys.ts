/**
 * Owns which keys a worker may have written: its requests are made once more, in the same order from
 * the same seed, for a transport that sends nothing and notes the keys of their puts. So nothing is
 * kept of any request while the run goes on.
 */

import { type RequestTemplate, type SizedTemplate, Status, type Transport } from "#wire";
import type { WorkerShare } from "../../plan/shares.ts";
import type { LeaseGrantWorkload } from "../../plan/workload/lease-grant-schema.ts";
import type { OperationSpec } from "../messages.ts";
import { keyOf as keyOfRecipe } from "./client-lock.ts";
import { ContentionBoard } from "./contention-board.ts";
import { KeyWriter } from "./key-space.ts";
import { findField, found } from "./protobuf-fields.ts";
import { makeWorkload } from "./registry.ts";
import { ownWatchedKeys } from "./watched-keys.ts";
import type { Operations } from "./workload.ts";

/** Field numbers of PutRequest, TxnRequest and RequestOp. */
const PUT_KEY = 1;
const TXN_SUCCESS = 2;
const OPERATION_PUT = 2;

/**
 * `begun`: how many operations the worker began in each phase, all of which start over. A key may
 * come more than once.
 */
export function* writtenKeys(
  spec: OperationSpec,
  share: WorkerShare,
  seed: number,
  begun: readonly number[],
): Generator<Buffer> {
  const started = Math.max(0, ...begun);
  switch (spec.kind) {
    case "put":
    case "txn-put":
    case "txn-mixed":
      yield* replayedKeys(spec, share, seed, [started]);
      break;
    case "mixed": {
      const { leaseGrant } = spec.mixed;
      // Inserts go on where the phase before ended.
      yield* replayedKeys(spec, share, seed, begun);
      if (leaseGrant !== null && started > 0) yield* leasedKeys(leaseGrant, share.clientNumbers);
      break;
    }
    case "staleness":
      yield* replayedKeys(putsOf(spec), share, seed, [started]);
      break;
    case "stm":
      // The keys of the lock hang on leases, which are revoked.
      yield* replayedKeys(withoutLock(spec), share, seed, [started]);
      break;
    case "watch-put": {
      const writer = new KeyWriter(spec.watch.keys);
      for (const index of ownWatchedKeys(spec.watch, share).slice(0, started)) {
        const key = Buffer.alloc(spec.watch.keys.keySizeBytes);
        writer.write(index, key, 0);
        yield key;
      }
      break;
    }
    case "contend": {
      const { plan, names, leases, board } = spec.contend;
      const isRecipe = plan.kind === "lock" && plan.locker === "lock-client";
      const view = new ContentionBoard(board, { names: names.length, clients: leases.length });
      for (const client of started > 0 ? share.clientNumbers : []) {
        // A session in doubt was revoked before the next one was granted.
        for (const lease of new Set([leases[client]!, view.leaseOf(client)])) {
          const name = names[view.nameOf(client)]!;
          // As etcd's lock and election name what an owner puts.
          yield isRecipe
            ? keyOfRecipe({ name, lease })
            : Buffer.from(`${name}/${BigInt(lease).toString(16)}`);
        }
      }
      break;
    }
    case "lease-grant":
      // Clients begin in their order, each with keys of its own.
      yield* leasedKeys(spec.leaseGrant, share.clientNumbers.slice(0, started));
      break;
    case "range":
    case "range-key":
    case "delete":
    case "lease-keepalive":
    case "watch-create":
    case "watch-get":
      break;
  }
}

function* leasedKeys(
  { prefix, keysPerLease }: LeaseGrantWorkload,
  clientNumbers: readonly number[],
): Generator<Buffer> {
  for (const client of clientNumbers) {
    for (let index = 0; index < keysPerLease; index++) {
      const tail = Buffer.alloc(8);
      tail.writeUInt32BE(client, 0);
      tail.writeUInt32BE(index, 4);
      yield Buffer.concat([Buffer.from(prefix), tail]);
    }
  }
}

function putsOf({ series, staleness }: OperationSpec & { kind: "staleness" }): OperationSpec {
  return { series, kind: "put", put: staleness.put };
}

function withoutLock(spec: OperationSpec & { kind: "stm" }): OperationSpec {
  return { ...spec, stm: { plan: { ...spec.stm.plan, locker: "stm" }, lock: null } };
}

function* replayedKeys(
  spec: OperationSpec,
  share: WorkerShare,
  seed: number,
  begun: readonly number[],
): Generator<Buffer> {
  let sent: RequestTemplate | null = null;
  let isOver = false;
  const nothing = () => {};
  const operations: Operations = {
    call: (_client, _slot, template) => {
      sent = template;
    },
    end: () => {
      isOver = true;
    },
    sample: nothing,
    fail: nothing,
    missed: nothing,
    dropped: nothing,
    dueNs: () => 0,
    count: nothing,
    lost: nothing,
    resend: nothing,
    quantity: nothing,
    received: nothing,
    settled: nothing,
    enough: nothing,
  };
  const context = { share, seed, operations, transport: silentTransport(), firstExtraSlot: 0 };
  const workload = makeWorkload(spec, context);
  for (const started of begun) {
    workload.restart(false);
    for (let operation = 0; operation < started; operation++) {
      isOver = false;
      workload.begin(0, 0);
      if (spec.kind === "stm") {
        // A transaction reads its keys first; no answer is told, so none was ever written.
        const { keysPerTxn } = spec.stm.plan;
        for (let read = 0; read < keysPerTxn; read++) workload.onCallEnd(0, Status.OK, "", 0);
        yield* putKeys(sent!);
        continue;
      }
      while (!isOver) {
        yield* putKeys(sent!);
        workload.onCallEnd(0, Status.OK, "", 0);
      }
    }
  }
}

function* putKeys(template: RequestTemplate): Generator<Buffer> {
  const { path, bytes, messageBytes } = template as SizedTemplate;
  if (path.endsWith("/Put")) {
    yield keyOf(bytes, 0, messageBytes);
  } else if (path.endsWith("/Txn")) {
    let at = 0;
    while (findField(bytes, at, messageBytes, TXN_SUCCESS)) {
      at = found.end;
      if (findField(bytes, found.start, found.end, OPERATION_PUT)) {
        yield keyOf(bytes, found.start, found.end);
      }
    }
  }
}

/** A copy: the template is patched again. */
function keyOf(bytes: Buffer, start: number, end: number): Buffer {
  findField(bytes, start, end, PUT_KEY);
  return Buffer.from(bytes.subarray(found.start, found.end));
}

function silentTransport(): Transport {
  const template = (path: string, message: Uint8Array): SizedTemplate => {
    const made = {
      path,
      bytes: Buffer.from(message),
      messageOffset: 0,
      messageBytes: message.length,
      resize: (messageBytes: number) => {
        made.messageBytes = messageBytes;
      },
    };
    return made;
  };
  const nothing = () => {};
  return {
    open: async () => {},
    template,
    sizedTemplate: template,
    call: nothing,
    send: nothing,
    cancel: nothing,
    flush: nothing,
    readyConnections: 0,
    close: nothing,
  };
}
