/**
 * Sends the lease-grant workload: grants a lease, puts keys that hang on it, revokes it; or, to see how
 * late expiry is, leaves it alone and watches for the deletion of its first key. The steps follow each
 * other in the client's own slot.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { seriesHandles } from "../../load/series-handles.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import { keyBytes } from "../../plan/key-text.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { SeedStream } from "../../random.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import {
  copyPadded,
  PADDED_BYTES,
  PLACEHOLDER,
  PLACEHOLDER_VALUE,
  writePadded,
} from "../parts/calls/padded-varint.ts";
import { findField, found, varintField } from "../parts/calls/protobuf-fields.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import { PutTemplate } from "../parts/keys/put-template.ts";
import { leasedKeys } from "../parts/keys/written-keys.ts";
import { cancelReasonOf } from "../parts/watching/watch-response.ts";
import type { LeaseGrantWorkload } from "./schema.ts";

const Step = { GRANT: 0, PUT: 1, REVOKE: 2, EXPIRY: 3 } as const;
type Step = (typeof Step)[keyof typeof Step];

/** Field numbers of etcd's answers. */
const LEASE_ID = 2;
const LEASE_TTL = 3;
const WATCH_CANCELED = 4;
const WATCH_EVENTS = 11;
const EVENT_TYPE = 1;
const EVENT_DELETE = 1;

/** After the prefix of a key: the client's number and the key's, 32 bits each. */
const KEY_TAIL = Buffer.from("fefefefefefefefe", "hex");
const SIZES = new SeedStream("lease-grant.sizes");

const HANDLES = seriesHandles("whole", "grant", "end", "put");

export function leaseGrantSeries({ keysPerLease, expire }: LeaseGrantWorkload): string[] {
  return HANDLES.names({
    ...{ whole: "lease-grant", grant: "lease-grant-grant" },
    end: expire ? "lease-grant-expiry" : "lease-grant-revoke",
    put: keysPerLease > 0 ? "lease-grant-put" : null,
  });
}

const SERIES_OF_STEP: Record<Step, number> = {
  [Step.GRANT]: HANDLES.numbers.grant,
  [Step.PUT]: HANDLES.numbers.put,
  [Step.REVOKE]: HANDLES.numbers.end,
  [Step.EXPIRY]: HANDLES.numbers.end,
};

export class LeaseGrant implements Workload {
  readonly #plan: LeaseGrantWorkload;
  readonly #clientNumbers: readonly number[];
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #grant: RequestTemplate;
  readonly #put: PutTemplate;
  readonly #putKey: number;
  readonly #putLease: number;
  readonly #revoke: RequestTemplate;
  readonly #revokeLease: number;
  readonly #watch: RequestTemplate;
  readonly #watchKey: number;
  readonly #watchRevision: number;

  #puts = 0;

  /** By client. */
  readonly #step: Uint8Array;
  readonly #stepNs: Float64Array;
  readonly #keysPut: Int32Array;
  /** The place of the operation's first put among all of the phase. */
  readonly #firstPut: Float64Array;
  /** The id's varint, padded, one after the other. */
  readonly #leases: Uint8Array;
  readonly #dueNs: Float64Array;
  readonly #firstRevision: Float64Array;

  constructor(
    plan: LeaseGrantWorkload,
    seed: number,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
  ) {
    const { clientNumbers } = share;
    this.#plan = plan;
    this.#clientNumbers = clientNumbers;
    this.#operations = operations;
    this.#transport = transport;
    const { UNARY, UNARY_ANSWER, STREAM } = CallMode;
    const key = Buffer.concat([keyBytes(plan.prefix), KEY_TAIL]);
    const grant = encodeMessage("etcdserverpb.LeaseGrantRequest", { TTL: plan.ttlSeconds });
    this.#grant = transport.template("/etcdserverpb.Lease/LeaseGrant", grant, UNARY_ANSWER);
    this.#put = new PutTemplate(transport, {
      key,
      values: plan,
      seed,
      sizes: SIZES.random(seed, share.workerIndex),
      fields: { lease: PLACEHOLDER_VALUE },
      mode: UNARY_ANSWER,
    });
    this.#putKey = this.#put.keyOffset + key.length - KEY_TAIL.length;
    // The next field after the key.
    this.#putLease = this.#put.keyOffset + key.length + 1;
    const revoke = encodeMessage("etcdserverpb.LeaseRevokeRequest", { ID: PLACEHOLDER_VALUE });
    this.#revoke = transport.template("/etcdserverpb.Lease/LeaseRevoke", revoke, UNARY);
    this.#revokeLease = this.#revoke.messageOffset + offsetOfField(revoke, PLACEHOLDER);
    const watch = encodeMessage("etcdserverpb.WatchRequest", {
      createRequest: { key, startRevision: PLACEHOLDER_VALUE },
    });
    this.#watch = transport.template("/etcdserverpb.Watch/Watch", watch, STREAM);
    this.#watchKey = this.#watch.messageOffset + offsetOfField(watch, KEY_TAIL);
    this.#watchRevision = this.#watch.messageOffset + offsetOfField(watch, PLACEHOLDER);
    const clients = clientNumbers.length;
    this.#step = new Uint8Array(clients);
    this.#stepNs = new Float64Array(clients);
    this.#keysPut = new Int32Array(clients);
    this.#firstPut = new Float64Array(clients);
    this.#leases = new Uint8Array(clients * PADDED_BYTES);
    this.#dueNs = new Float64Array(clients);
    this.#firstRevision = new Float64Array(clients);
  }

  begin(client: number, nowNs: number): void {
    this.#keysPut[client] = 0;
    this.#firstPut[client] = this.#puts;
    this.#puts += this.#plan.keysPerLease;
    this.#call(client, Step.GRANT, nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#stepNs[client] = nowNs;
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    switch (this.#step[client]) {
      case Step.GRANT:
        if (findField(bytes, start, end, LEASE_ID)) {
          copyPadded(bytes, found.start, found.end, this.#leases, client * PADDED_BYTES);
        }
        // etcd raises a time to live that is below its least.
        this.#dueNs[client] = nowNs + varintField(bytes, start, end, LEASE_TTL) * 1e9;
        break;
      case Step.PUT:
        if (this.#keysPut[client] === 0) {
          this.#firstRevision[client] = headerRevision(bytes, start, end);
        }
        break;
      case Step.EXPIRY:
        this.#onWatched(client, bytes, start, end, nowNs);
    }
  }

  onCallEnd(client: number, status: number, message: string, nowNs: number): void {
    const step = this.#step[client] as Step;
    if (status !== Status.OK) {
      this.#fail(client, status, message, nowNs);
    } else if (step === Step.EXPIRY) {
      this.#fail(client, Status.UNAVAILABLE, "the server ended the watch", nowNs);
    } else {
      const tookNs = nowNs - this.#stepNs[client]!;
      this.#operations.sample(SERIES_OF_STEP[step], tookNs, this.#lateNs(client));
      if (step === Step.PUT) this.#keysPut[client]! += 1;
      if (step === Step.REVOKE) this.#operations.end(client, Status.OK, "", nowNs);
      else if (this.#keysPut[client]! < this.#plan.keysPerLease) {
        this.#call(client, Step.PUT, nowNs);
      } else this.#call(client, this.#plan.expire ? Step.EXPIRY : Step.REVOKE, nowNs);
    }
  }

  onCallUnprocessed(client: number): void {
    this.#operations.resend(client, this.#request(client));
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#transport.cancel(client);
    this.#failStep(client, status, message, nowNs);
  }

  onDropped(waitedNs: number): void {
    this.#operations.dropped(SERIES_OF_STEP[Step.GRANT], waitedNs);
  }

  restart(): void {
    // Each client's keys are the same each time, and sizes begin anew.
    this.#puts = 0;
  }

  #call(client: number, step: Step, nowNs: number): void {
    this.#step[client] = step;
    this.#stepNs[client] = nowNs;
    this.#operations.call(client, client, this.#request(client), nowNs);
  }

  #request(client: number): RequestTemplate {
    const leaseAt = client * PADDED_BYTES;
    const leaseEnd = leaseAt + PADDED_BYTES;
    switch (this.#step[client]) {
      case Step.GRANT:
        return this.#grant;
      case Step.PUT:
        this.#writeKey(this.#put.template, this.#putKey, client, this.#keysPut[client]!);
        copyPadded(this.#leases, leaseAt, leaseEnd, this.#put.template.bytes, this.#putLease);
        this.#put.takeSize(this.#firstPut[client]! + this.#keysPut[client]!);
        return this.#put.template;
      case Step.REVOKE:
        copyPadded(this.#leases, leaseAt, leaseEnd, this.#revoke.bytes, this.#revokeLease);
        return this.#revoke;
      default:
        // From the put on, so that no deletion is too early to be seen.
        this.#writeKey(this.#watch, this.#watchKey, client, 0);
        writePadded(this.#watch.bytes, this.#watchRevision, this.#firstRevision[client]! + 1);
        return this.#watch;
    }
  }

  #writeKey({ bytes }: RequestTemplate, offset: number, client: number, index: number): void {
    bytes.writeUInt32BE(this.#clientNumbers[client]!, offset);
    bytes.writeUInt32BE(index, offset + 4);
  }

  #onWatched(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (varintField(bytes, start, end, WATCH_CANCELED) !== 0) {
      const reason = cancelReasonOf(bytes, start, end);
      if (this.#transport.messageRefused?.(client, reason)) return;
      this.#transport.cancel(client);
      this.#fail(client, Status.CANCELLED, `etcd cancelled the watch: ${reason}`, nowNs);
      return;
    }
    if (!findField(bytes, start, end, WATCH_EVENTS)) return;
    if (varintField(bytes, found.start, found.end, EVENT_TYPE) !== EVENT_DELETE) return;
    this.#transport.cancel(client);
    // The grant was made a little before its answer came, so early is on time.
    this.#operations.sample(SERIES_OF_STEP[Step.EXPIRY], Math.max(0, nowNs - this.#dueNs[client]!));
    this.#operations.end(client, Status.OK, "", nowNs);
  }

  #fail(client: number, status: number, message: string, nowNs: number): void {
    this.#failStep(client, status, message, nowNs);
    this.#operations.end(client, status, message, nowNs);
  }

  #failStep(client: number, status: number, message: string, nowNs: number): void {
    const step = this.#step[client] as Step;
    // How late an expiry is counts from when the lease runs out, not from when its watch began.
    const tookNs =
      step === Step.EXPIRY
        ? Math.max(0, nowNs - this.#dueNs[client]!)
        : nowNs - this.#stepNs[client]!;
    this.#operations.fail(SERIES_OF_STEP[step], tookNs, status, message, this.#lateNs(client));
  }

  /** The grant is due with its operation, each other step when the one before has ended. */
  #lateNs(client: number): number {
    if (this.#step[client] !== Step.GRANT) return 0;
    return this.#stepNs[client]! - this.#operations.dueNs(client);
  }
}

export interface LeaseGrantSpec extends OperationSpec {
  kind: "lease-grant";
  leaseGrant: LeaseGrantWorkload;
}

export const leaseGrantLoad: Load<LeaseGrantSpec> = {
  kind: "lease-grant",
  make: ({ leaseGrant }, { seed, share, operations, transport }) =>
    new LeaseGrant(leaseGrant, seed, share, operations, transport),
  // A watch stays open until its lease has run out, and each client may have one at the same time.
  holdsClientStreams: ({ leaseGrant }) => leaseGrant.expire,
  // Clients begin in their order, each with keys of its own.
  writtenKeys: ({ leaseGrant }, share, _, begun) =>
    leasedKeys(leaseGrant, share.clientNumbers.slice(0, Math.max(0, ...begun))),
};
