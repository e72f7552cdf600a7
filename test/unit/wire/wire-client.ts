/**
 * Runs the wire transport against a scripted peer. Records how calls end, by slot and in order, and
 * checks that each call ended once and that the client followed RFC 9113.
 */
import type { TlsMaterial } from "../../../src/net/tls-connect.ts";
import type { CallListener, RequestTemplate } from "../../../src/wire/transport.ts";
import { WireTransport } from "../../../src/wire/wire-transport.ts";
import { type PeerConnection, WirePeer } from "../../peers/wire-peer.ts";
import type { Settings } from "../../peers/wire-peer-frames.ts";
import { PATIENCE_MS, wokenBefore } from "../../peers/wire-peer-inbox.ts";

export const PATH = "/test.Service/Method";
const PREFIX_BYTES = 5;

export interface CallEnd {
  slot: number;
  /** A gRPC code, or "unprocessed". */
  status: number | "unprocessed";
  message: string;
}

/** Records the ends of calls in order, and reports an end without a call as a fault. */
export class CallLog implements CallListener {
  readonly ends: CallEnd[] = [];
  readonly inFlight = new Set<number>();
  fault: string | null = null;
  /** When the last call ended. */
  endNs = 0;
  /** Called at each end, e.g. to start the next call from inside it, as the driver does. */
  onEnd: (end: CallEnd) => void = () => {};
  /** Slots whose calls were reported as sent, with the time, in order. */
  readonly sent: [slot: number, nowNs: number][] = [];
  #wake: () => void = () => {};
  #taken = 0;

  onCallSent(slot: number, nowNs: number): void {
    if (!this.inFlight.has(slot)) this.fault ??= `slot ${slot} left without a call`;
    this.sent.push([slot, nowNs]);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    this.#end({ slot, status, message }, nowNs);
  }

  /** Copies of the messages of calls that request them, as [slot, bytes]. */
  readonly messages: [slot: number, bytes: Buffer][] = [];

  /** Called at each message, with the time of its read. */
  onEach: (slot: number, nowNs: number) => void = () => {};

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.messages.push([slot, Buffer.from(new Uint8Array(bytes.subarray(start, end)))]);
    this.onEach(slot, nowNs);
  }

  onCallUnprocessed(slot: number, nowNs: number, _ = false, reason = ""): void {
    this.#end({ slot, status: "unprocessed", message: reason }, nowNs);
  }

  /** Waits for the next end that was not returned yet. */
  async next(): Promise<CallEnd> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.ends.length === this.#taken) {
      const isWoken = await wokenBefore(deadline, (wake) => {
        this.#wake = wake;
      });
      if (!isWoken) throw new Error("waited for the end of a call, none came");
    }
    return this.ends[this.#taken++]!;
  }

  async nextStatus(): Promise<CallEnd["status"]> {
    return (await this.next()).status;
  }

  #end(end: CallEnd, nowNs: number): void {
    if (!this.inFlight.delete(end.slot)) this.fault ??= `slot ${end.slot} ended without a call`;
    if (!(nowNs > 0)) this.fault ??= `slot ${end.slot} ended at ${nowNs}`;
    this.endNs = nowNs;
    this.ends.push(end);
    this.onEnd(end);
    this.#wake();
  }
}

export class WireClient {
  readonly log = new CallLog();
  readonly transport: WireTransport;
  readonly #templates = new Map<string, RequestTemplate>();

  constructor(
    endpoints: readonly string[],
    slotConnections: readonly number[],
    tls: TlsMaterial | null = null,
  ) {
    this.transport = new WireTransport({
      connectionEndpoints: endpoints,
      slotConnections,
      listener: this.log,
      tls,
    });
  }

  /** Starts a call without a flush. Messages of equal length share a template, patched here. */
  queue(slot: number, message: Uint8Array = Buffer.from("hello"), path = PATH): void {
    const key = `${path} ${message.length}`;
    const template = this.#templates.get(key) ?? this.transport.template(path, message);
    this.#templates.set(key, template);
    template.bytes.set(message, template.messageOffset);
    this.log.inFlight.add(slot);
    this.transport.call(slot, template);
  }

  call(slot: number, message?: Uint8Array, path?: string): void {
    this.queue(slot, message, path);
    this.transport.flush();
  }

  cancel(slot: number): void {
    this.log.inFlight.delete(slot);
    this.transport.cancel(slot);
    this.transport.flush();
  }
}

export interface WireTest {
  peer: WirePeer;
  client: WireClient;
  log: CallLog;
  /** The first connection, after its handshake. */
  connection: PeerConnection;
}

export interface WireTestOptions {
  slots?: number;
  settings?: Settings;
}

/** Runs a test with `slots` slots on one open connection, then closes it and checks for faults. */
export async function withWire(
  options: WireTestOptions,
  run: (test: WireTest) => Promise<void>,
): Promise<void> {
  await withPeer(async (peer) => {
    const { slots = 1, settings = {} } = options;
    const client = new WireClient([`127.0.0.1:${peer.port}`], new Array(slots).fill(0));
    try {
      const opening = client.transport.open();
      const connection = await peer.accept();
      await connection.handshake(settings);
      await opening;
      await run({ peer, client, log: client.log, connection });
      if (client.log.fault !== null) throw new Error(client.log.fault);
      if (connection.conduct.violation !== undefined) throw new Error(connection.conduct.violation);
    } finally {
      client.transport.close();
    }
  });
}

export async function withPeer(run: (peer: WirePeer) => Promise<void>): Promise<void> {
  const peer = await WirePeer.listen();
  try {
    await run(peer);
  } finally {
    await peer.close();
  }
}

/** Reads a whole request whose message comes in any number of DATA frames. */
export async function expectRequest(
  connection: PeerConnection,
): Promise<{ streamId: number; message: Buffer; headers: Record<string, string>; frames: number }> {
  const { streamId, headers } = await connection.expectHeaders();
  const parts: Buffer[] = [];
  for (let ended = false; !ended; ) {
    const data = await connection.expectData();
    if (data.streamId !== streamId) throw new Error(`DATA of stream ${data.streamId} between`);
    parts.push(data.bytes);
    ended = data.endStream;
  }
  return { streamId, headers, message: messageOf(Buffer.concat(parts)), frames: parts.length };
}

/** The message after its prefix; the prefix must be valid and give the exact length. */
export function messageOf(body: Buffer): Buffer {
  if (body.readUInt8(0) !== 0) throw new Error("the request says that it is compressed");
  if (body.readUInt32BE(1) !== body.length - PREFIX_BYTES) throw new Error("wrong message length");
  return body.subarray(PREFIX_BYTES);
}
