/**
 * Finds the keys that a worker may have written: its requests are made once more, in the same order
 * from the same seed, for a transport that sends nothing and notes the keys of their puts. So no
 * request is kept while the run goes on.
 */

import { type RequestTemplate, type SizedTemplate, Status, type Transport } from "#wire";
import { type Load, SharedParts } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import { RequestLog } from "../../../load/recording/request-log.ts";
import type { Operations } from "../../../load/workload.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { LeaseGrantWorkload } from "../../lease-grant/schema.ts";
import { findField, found } from "../calls/protobuf-fields.ts";

/** Field numbers of PutRequest, TxnRequest and RequestOp. */
const PUT_KEY = 1;
const TXN_SUCCESS = 2;
const OPERATION_PUT = 2;

/** The keys that clients put with leases of their own. */
export function* leasedKeys(
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

/**
 * The keys of the puts that a worker's requests make when they are made once more.
 * @param answersFirst answers that an operation waits for before it writes
 */
export function* replayedKeys<Spec extends OperationSpec>(
  load: Load<Spec>,
  spec: Spec,
  share: WorkerShare,
  seed: number,
  begun: readonly number[],
  answersFirst = 0,
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
    cancelledWatcher: nothing,
    resend: nothing,
    quantity: nothing,
    received: nothing,
    settled: nothing,
    enough: nothing,
  };
  const transport = silentTransport();
  const parts = new SharedParts();
  const workload = load.make(spec, {
    share,
    seed,
    operations,
    transport,
    firstExtraSlot: 0,
    parts,
    requests: new RequestLog(),
  });
  for (const started of begun) {
    workload.restart(false);
    for (let operation = 0; operation < started; operation++) {
      isOver = false;
      workload.begin(0, 0);
      if (answersFirst > 0) {
        // No answer has content, so none of the keys was ever written.
        for (let answer = 0; answer < answersFirst; answer++) {
          workload.onCallEnd(0, Status.OK, "", 0);
        }
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
    carried: [],
    close: nothing,
  };
}
