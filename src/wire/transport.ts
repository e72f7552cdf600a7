/**
 * Defines the interface between the load and a transport: the driver and the workloads know only this,
 * and the wire, the gateway and the grpc-js reference implement it. A call lives in a slot, a small
 * integer that the driver chooses (one for each client), so that nothing is allocated per request.
 */
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { TokenHolder } from "./token-holder.ts";

/** What kind of call a template starts. */
export const CallMode = {
  /** One message each way; the answer's bytes are checked, counted and dropped. */
  UNARY: 0,
  /** The same, and the listener gets the answer's message. */
  UNARY_ANSWER: 1,
  /** Messages both ways until one side ends it; the listener gets each. */
  STREAM: 2,
  /** One message out, any number back until the server ends it; the listener gets each whole. */
  ANSWERS: 3,
  /**
   * One message each way; the listener gets the answer's octets piece by piece as they come, so that
   * a large answer is never kept or copied.
   */
  UNARY_PARTS: 4,
  /** One message out, any number back: the listener gets the octets of them all, as above. */
  SERVER_STREAM: 5,
} as const;

export type CallMode = (typeof CallMode)[keyof typeof CallMode];

/** One kind of request: bytes that are serialised once and patched in place for each send. */
export interface RequestTemplate {
  /** `/etcdserverpb.KV/Put`. */
  readonly path: string;
  /** What the transport sends for the message, framing included. */
  readonly bytes: Buffer;
  /** Where in `bytes` the protobuf message starts; a workload patches after this. */
  readonly messageOffset: number;
}

/** A template whose message may be shorter than the one that it was made with. */
export interface SizedTemplate extends RequestTemplate {
  /** Of the message as it is sent from now on. */
  readonly messageBytes: number;
  /** The message is the first so many bytes in `bytes`. */
  resize(messageBytes: number): void;
}

/** Hears how calls end; never called from within `call` or `cancel`. */
export interface CallListener {
  /**
   * When the request of the slot's call left; where it is not told, that was when `call` returned.
   * `wasHeld`: it waited for a stream, a window or a connection, and was not only worked on.
   */
  onCallSent?(slot: number, nowNs: number, wasHeld: boolean): void;
  /** `status` is a gRPC code, 0 for OK; `nowNs` is the clock read of the chunk that ended it. */
  onCallEnd(slot: number, status: number, message: string, nowNs: number): void;
  /**
   * A message of a call whose mode asks for it, or of the modes with parts the next piece of one;
   * `bytes[start, end)` is only lent.
   */
  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void;
  /**
   * The server vouches that it has not processed the request (RFC 9113 section 8.7), or, with
   * `isTokenRenewed`, turned it away over its token, and there is a new one. `reason` is the server's.
   */
  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed?: boolean, reason?: string): void;
}

/** Makes a number of the message in `bytes[start, end)`, which is only lent. */
export type AnswerRead = (bytes: Uint8Array, start: number, end: number) => number;

export interface TransportOptions {
  /** `host:port` of each connection of this worker. */
  readonly connectionEndpoints: readonly string[];
  /** The connection, an index into `connectionEndpoints`, that each slot's calls use. */
  readonly slotConnections: readonly number[];
  readonly listener: CallListener;
  /** For a connection to open, to the server's SETTINGS; absent: the transport's own default. */
  readonly openTimeoutMs?: number;
  /** Null or absent: HTTP/2 without TLS. */
  readonly tls?: TlsMaterial | null;
  /** Null or absent: no token is sent. */
  readonly token?: TokenHolder | null;
}

export interface Transport {
  /** Opens every connection; rejects with one clear sentence if any cannot be had. */
  open(): Promise<void>;
  template(path: string, message: Uint8Array, mode?: CallMode): RequestTemplate;
  /** `message` is the longest that will be sent. */
  sizedTemplate(path: string, message: Uint8Array, mode?: CallMode): SizedTemplate;
  /** Starts a call in a free slot. While the connection is down it waits for the next attempt. */
  call(slot: number, template: RequestTemplate): void;
  /** Sends another message on the slot's open stream; on one that has ended nothing happens. */
  send(slot: number, template: RequestTemplate): void;
  /** Ends the slot's call without a report: its deadline has passed. */
  cancel(slot: number): void;
  /**
   * An answer on the slot's stream has refused a message with `reason`, the server's words. Where
   * that is about the token: true, and the stream has ended without a report; once there is a new
   * token, `onCallUnprocessed` follows, otherwise `onCallEnd`. False: nothing has changed.
   */
  messageRefused?(slot: number, reason: string): boolean;
  /** Whether the slot's connection can carry a call now; absent: not known. */
  isReady?(slot: number): boolean;
  /** Which limit keeps the slot's request in the client, in whole or in part; null: none does. */
  holdReason?(slot: number): string | null;
  /**
   * Reads the answer of the slot's call, within `onMessage` or `onCallEnd` for it: returns what `read`
   * makes of its octets, and 0 where the last DATA frame of this read was not one whole message of it.
   */
  readAnswer?(slot: number, read: AnswerRead): number;
  /** Writes what `call` has queued, one write a connection; due after each batch of calls. */
  flush(): void;
  /** How many connections can carry a call now. */
  readonly readyConnections: number;
  /** By connection. */
  readonly carried: readonly Carried[];
  /** Whether calls carry a token, which may run out. */
  readonly hasToken?: boolean;
  /** By connection, how many streams its server allows at once; absent where that is not known. */
  readonly streamLimits?: readonly number[];
  close(): void;
}

/** What one connection has carried since it was made, whatever socket it had. */
export interface Carried {
  /** Messages that were sent: those that open calls, and further ones on their streams. */
  sent: number;
  /** Calls that are open now, which hold a stream each. */
  open: number;
}

export type TransportFactory = (options: TransportOptions) => Transport;
