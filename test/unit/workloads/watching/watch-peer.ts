/**
 * Runs watch creation and puts with the real driver and wire against a scripted peer. The peer acts
 * as etcd: it sends `created` responses and the events of puts, and the test scripts what goes
 * wrong.
 */
import { nowNs } from "../../../../src/clock.ts";
import { Driver } from "../../../../src/load/driver.ts";
import { type LoadContext, SharedParts } from "../../../../src/load/load.ts";
import { ConstantArrivals } from "../../../../src/load/pacing/arrivals.ts";
import type { PhaseOutcome } from "../../../../src/load/phase.ts";
import { Recorder, type RecorderSnapshot } from "../../../../src/load/recording/recorder.ts";
import { RequestLog } from "../../../../src/load/recording/request-log.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { decodeMessage, encodeMessage } from "../../../../src/protos.ts";
import type { TokenHolder } from "../../../../src/wire/token-holder.ts";
import { WireTransport } from "../../../../src/wire/wire-transport.ts";
import { watchCreateLoad, watchPutLoad } from "../../../../src/workloads/parts/watching/load.ts";
import type { WatchSpec } from "../../../../src/workloads/parts/watching/watched-keys.ts";
import { grpcMessage, type PeerConnection, type WirePeer } from "../../../peers/wire-peer.ts";
import type { Settings } from "../../../peers/wire-peer-frames.ts";
import { expectRequest, messageOf, withPeer } from "../../wire/wire-client.ts";

const RESPONSE_HEADERS = { ":status": "200", "content-type": "application/grpc" };
/** The revision before a test's puts. */
const FIRST_REVISION = 100;

export const WATCHERS = 2;
const WATCH: WatchSpec = {
  keys: {
    keySizeBytes: 4,
    keySpaceSize: 1,
    sequential: true,
    popularity: "uniform",
    prefix: "",
    encoding: "fixed",
  },
  valSizeBytes: 8,
  valueSize: null,
  watchedKeys: [0],
  streams: 1,
  connections: 1,
  workers: 1,
  watchersPerStream: WATCHERS,
  watchers: null,
  startRevision: null,
  prevKv: false,
  progressNotify: false,
  token: 0x7e57,
};

/** A put that the peer has read, and its event. */
export interface PeerPut {
  streamId: number;
  revision: number;
  event: object;
}

/** The peer's side of the connection, acting as etcd. */
export class WatchedEtcd {
  connection: PeerConnection;
  watchStreamId = 0;
  /** The creation requests, as the client sent them. */
  readonly creations: Record<string, unknown>[] = [];
  #revision = FIRST_REVISION;

  constructor(connection: PeerConnection) {
    this.connection = connection;
  }

  /** Reads the next request for a watcher; the first one opens the stream. */
  async expectCreation(): Promise<number> {
    if (this.watchStreamId === 0) {
      this.watchStreamId = (await this.connection.expectHeaders()).streamId;
      this.connection.sendHeaders(this.watchStreamId, RESPONSE_HEADERS);
    }
    const { bytes } = await this.connection.expectData();
    const { createRequest } = decodeMessage<{ createRequest: Record<string, unknown> }>(
      "etcdserverpb.WatchRequest",
      messageOf(bytes),
    );
    this.creations.push(createRequest);
    return Number(createRequest.watchId);
  }

  /** Expects the end of the watch stream; the next creation opens another. */
  async expectStreamEnd(): Promise<void> {
    const { streamId } = await this.connection.expectRstStream();
    if (streamId !== this.watchStreamId) throw new Error(`stream ${streamId} was reset`);
    this.watchStreamId = 0;
  }

  /** Creates all watchers in the order in which the client requests them. */
  async createAll(): Promise<void> {
    for (let watcher = 0; watcher < WATCHERS; watcher++) {
      const watchId = await this.expectCreation();
      this.respond({ watchId, created: true });
    }
  }

  async expectPut(): Promise<PeerPut> {
    const { streamId, message } = await expectRequest(this.connection);
    const { key, value } = decodeMessage<{ key: Buffer; value: Buffer }>(
      "etcdserverpb.PutRequest",
      message,
    );
    this.#revision += 1;
    const kv = { key, value, modRevision: this.#revision };
    return { streamId, revision: this.#revision, event: { kv } };
  }

  acknowledge({ streamId, revision }: PeerPut): void {
    const header = { revision };
    this.connection.sendGrpcOk(streamId, encodeMessage("etcdserverpb.PutResponse", { header }));
  }

  /** Sends WatchResponses, all in one DATA frame. */
  respond(...responses: object[]): void {
    this.connection.sendData(this.watchStreamId, Buffer.concat(responses.map(framed)));
  }

  /** Sends one WatchResponse in DATA frames of `pieceBytes` octets. */
  respondInPieces(response: object, pieceBytes: number): void {
    const bytes = framed(response);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.connection.sendData(this.watchStreamId, bytes.subarray(at, at + pieceBytes));
    }
  }
}

function framed(response: object): Buffer {
  return grpcMessage(encodeMessage("etcdserverpb.WatchResponse", response));
}

export interface WatchScript {
  spec?: Partial<WatchSpec>;
  puts: number;
  /** Absent: one. */
  clients?: number;
  /** Of the peer, from the handshake on. */
  settings?: Settings;
  /** Absent: a closed loop. */
  ratePerSec?: number;
  timeoutMs?: number;
  /** Absent: the client sends no token. */
  token?: TokenHolder;
  /** Runs until all watchers are created or have failed. Absent: each one is created. */
  create?: (etcd: WatchedEtcd) => Promise<void>;
  /** Runs while the puts go on. */
  serve: (etcd: WatchedEtcd, peer: WirePeer) => Promise<void>;
}

export interface WatchRecords {
  created: RecorderSnapshot;
  put: RecorderSnapshot;
  delivery: RecorderSnapshot;
  afterAck: RecorderSnapshot;
  outcome: PhaseOutcome;
}

/** Runs both phases with one stream and `WATCHERS` watchers of one key. */
export async function watchPeer(script: WatchScript): Promise<WatchRecords> {
  let records: WatchRecords | undefined;
  await withPeer(async (peer) => {
    const endpoint = `127.0.0.1:${peer.port}`;
    const { timeoutMs = 30_000, clients = 1, settings = {} } = script;
    const [share] = splitLoad({ connections: 1, clients, workers: 1 }, [endpoint]);
    const slots = clients + 1;
    const driver = new Driver({ clients, slots, timeoutMs, wait: "timer" });
    const transport = new WireTransport({
      connectionEndpoints: [endpoint],
      slotConnections: new Array(slots).fill(0),
      listener: driver,
      token: script.token ?? null,
    });
    driver.attach(transport);
    const context: LoadContext = {
      share: share!,
      seed: 1,
      operations: driver,
      transport,
      firstExtraSlot: clients,
      parts: new SharedParts(),
      requests: new RequestLog(),
    };
    const watch = { ...WATCH, ...script.spec };
    const creation = watchCreateLoad.make({ series: [], kind: "watch-create", watch }, context);
    const puts = watchPutLoad.make({ series: [], kind: "watch-put", watch }, context);
    const recorders = Array.from({ length: 4 }, () => new Recorder());
    const [created, ...ofPuts] = recorders;
    const phase = { endNs: Number.POSITIVE_INFINITY };
    try {
      const opening = transport.open();
      const connection = await peer.accept();
      await connection.handshake(settings);
      await opening;
      const etcd = new WatchedEtcd(connection);
      const closed = { ...phase, arrivals: null, requests: WATCHERS, startNs: nowNs() };
      await Promise.all([
        driver.run({ ...closed, workload: creation, recorders: [created!] }),
        script.create === undefined ? etcd.createAll() : script.create(etcd),
      ]);
      const startNs = nowNs();
      const { ratePerSec } = script;
      const arrivals =
        ratePerSec === undefined ? null : new ConstantArrivals(startNs, ratePerSec, share!);
      const paced = { ...phase, arrivals, requests: script.puts, startNs };
      const [outcome] = await Promise.all([
        driver.run({ ...paced, workload: puts, recorders: ofPuts }),
        script.serve(etcd, peer),
      ]);
      const [first, put, delivery, afterAck] = recorders.map((each) => each.takeSnapshot());
      records = { created: first!, put: put!, delivery: delivery!, afterAck: afterAck!, outcome };
    } finally {
      driver.stop(0);
      transport.close();
    }
  });
  return records!;
}
