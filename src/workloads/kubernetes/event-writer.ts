/**
 * Creates events: a transaction with the current shared lease. Where that takes no more, the client
 * grants another one first, and events that come meanwhile wait for it.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../load/workload.ts";
import { encodeMessage } from "../../protos.ts";
import { findField, found, varintField } from "../parts/calls/protobuf-fields.ts";
import type { ApiServer, Resource } from "./api-server.ts";
import type { ObjectWrite } from "./object-requests.ts";
import type { Part, PartHost } from "./part.ts";
import { eventLeaseSeconds, KUBERNETES_RESOURCES, kubernetesSeries } from "./request-mix.ts";
import { readTxnAnswer, txnAnswer } from "./txn-answer.ts";

/** Field numbers of LeaseGrantResponse. */
const LEASE_ID = 2;
const LEASE_TTL = 3;

const Step = { NONE: 0, WAITING: 1, GRANT: 2, CREATE: 3 } as const;
const NO_CLIENT = -1;

export class EventWriter implements Part {
  readonly #server: ApiServer;
  readonly #host: PartHost;
  readonly #operations: Operations;
  readonly #workers: number;
  readonly #grantSeries: number;
  readonly #grant: RequestTemplate;
  readonly #events: Resource;
  readonly #write: ObjectWrite;
  #created = 0;
  /** The client that asks for the next lease. */
  #granter = NO_CLIENT;
  #grantNs = 0;
  /** By client. */
  readonly #step: Uint8Array;
  readonly #number: Float64Array;
  readonly #writeNumber: Float64Array;
  readonly #lease: Float64Array;
  readonly #succeeded: Uint8Array;
  readonly #revision: Float64Array;

  constructor(
    server: ApiServer,
    workers: number,
    host: PartHost,
    operations: Operations,
    transport: Transport,
  ) {
    this.#server = server;
    this.#host = host;
    this.#operations = operations;
    this.#workers = workers;
    this.#grantSeries = kubernetesSeries(server.plan).indexOf("event-lease-grant");
    const message = encodeMessage("etcdserverpb.LeaseGrantRequest", {
      TTL: eventLeaseSeconds(server.plan),
    });
    const path = "/etcdserverpb.Lease/LeaseGrant";
    this.#grant = transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#events = server.resources[KUBERNETES_RESOURCES.indexOf("events")]!;
    this.#write = { number: 0, sizeClass: 0, modRevision: 0, writeNumber: 0, reference: 0 };
    const { clients } = server.place;
    this.#step = new Uint8Array(clients);
    this.#number = new Float64Array(clients);
    this.#writeNumber = new Float64Array(clients);
    this.#lease = new Float64Array(clients);
    this.#succeeded = new Uint8Array(clients);
    this.#revision = new Float64Array(clients);
  }

  start(client: number, nowNs: number): void {
    this.#number[client] = this.#created * this.#workers + this.#server.place.workerIndex;
    this.#created += 1;
    if (this.#server.leases.isOpen(nowNs)) this.#create(client, nowNs);
    else if (this.#granter === NO_CLIENT) this.#askForLease(client, nowNs);
    else this.#step[client] = Step.WAITING;
  }

  /** Whether the client has no call under way. */
  isWaiting(client: number): boolean {
    return this.#step[client] === Step.WAITING;
  }

  request(client: number): RequestTemplate {
    if (this.#step[client] !== Step.GRANT) this.#lease[client] = this.#server.leases.newest;
    return this.requestAgain(client);
  }

  /** The same, of which nothing is noted: it is not sent. */
  requestAgain(client: number): RequestTemplate {
    if (this.#step[client] === Step.GRANT) return this.#grant;
    const { leases } = this.#server;
    const write = this.#write;
    write.number = this.#number[client]!;
    write.writeNumber = this.#writeNumber[client]!;
    write.reference = leases.newest;
    return this.#events.requests.createWithLease(write, leases.id, 0);
  }

  onCallSent(client: number, nowNs: number): void {
    if (this.#step[client] === Step.GRANT) this.#grantNs = nowNs;
    else this.#server.deliveries.sent(this.#writeNumber[client]!, nowNs);
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (this.#step[client] !== Step.GRANT) {
      readTxnAnswer(bytes, start, end);
      this.#succeeded[client] = txnAnswer.succeeded ? 1 : 0;
      this.#revision[client] = txnAnswer.revision;
      return;
    }
    const ttlSeconds = varintField(bytes, start, end, LEASE_TTL);
    if (findField(bytes, start, end, LEASE_ID)) {
      this.#server.leases.granted(bytes, found.start, found.end, ttlSeconds, nowNs);
    }
  }

  onAnswered(client: number, nowNs: number): void {
    const { deliveries, leases } = this.#server;
    if (this.#step[client] === Step.GRANT) {
      this.#granter = NO_CLIENT;
      const lateNs = this.#grantNs - this.#operations.dueNs(client);
      this.#operations.sample(this.#grantSeries, nowNs - this.#grantNs, lateNs);
      this.#create(client, nowNs);
      for (let other = 0; other < this.#step.length; other++) {
        if (this.#step[other] === Step.WAITING) this.#create(other, nowNs);
      }
      return;
    }
    this.#step[client] = Step.NONE;
    if (this.#succeeded[client] === 1) {
      this.#server.saw(this.#revision[client]!);
      leases.created(this.#lease[client]!);
      deliveries.acked(this.#writeNumber[client]!, nowNs);
      this.#host.done(client, nowNs);
    } else {
      deliveries.failed(this.#writeNumber[client]!);
      this.#host.fail(client, Status.ALREADY_EXISTS, "the event to create exists", nowNs);
    }
  }

  onFailed(client: number, nowNs: number): void {
    const step = this.#step[client];
    this.#step[client] = Step.NONE;
    if (step === Step.CREATE) {
      this.#server.deliveries.failed(this.#writeNumber[client]!, nowNs);
      this.#server.leases.perhapsCreated(this.#lease[client]!);
    } else if (step === Step.GRANT) {
      this.#granter = NO_CLIENT;
      const lateNs = this.#grantNs - this.#operations.dueNs(client);
      this.#operations.missed(this.#grantSeries, nowNs - this.#grantNs, lateNs);
      const next = this.#step.indexOf(Step.WAITING);
      if (next >= 0) this.#askForLease(next, nowNs);
    }
  }

  #askForLease(client: number, nowNs: number): void {
    this.#granter = client;
    this.#grantNs = nowNs;
    this.#step[client] = Step.GRANT;
    this.#host.call(client, this.#grant, nowNs);
  }

  #create(client: number, nowNs: number): void {
    const { deliveries, leases } = this.#server;
    this.#step[client] = Step.CREATE;
    leases.attach();
    this.#writeNumber[client] = deliveries.put(
      this.#events.place,
      nowNs,
      this.#operations.dueNs(client),
    );
    this.#host.call(client, this.request(client), nowNs);
  }
}
