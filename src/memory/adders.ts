/** Adds connections, streams, watchers, leases, keys and revisions to etcd, some at a time. */
import { randomInt } from "node:crypto";
import { type CallListener, Status, type WireTransport } from "#wire";
import { encodeMessage } from "../protos.ts";
import { type MeasuredMember, openTransport, UnaryCalls, WatchStreams } from "./calls.ts";
import type { Meter } from "./meter.ts";
import type { ThingName } from "./things.ts";

/** Adds more of one thing, which stay until it is closed. */
export interface Adder {
  /** Resolves when etcd has them. */
  add(count: number): Promise<void>;
  /** Deletes what stays in etcd when the connections are gone. */
  takeBack?(): Promise<void>;
  close(): void;
}

export interface AdderOptions {
  member: MeasuredMember;
  meter: Meter;
  /** How many will be added. */
  most: number;
  /** Of all keys that are put; ASCII. */
  prefix: string;
  keySizeBytes: number;
  valSizeBytes: number;
  signal: AbortSignal | undefined;
}

export const ADDERS: Readonly<Record<ThingName, (options: AdderOptions) => Promise<Adder>>> = {
  connection: async (options) => new ConnectionAdder(options),
  stream: streamAdder,
  watcher: watcherAdder,
  lease: leaseAdder,
  key: keyAdder,
  revision: revisionAdder,
};

const WATCHERS_PER_STREAM = 200;
/** Nothing of a lease is to happen while it is measured. */
const TTL_SECONDS = 3_600;
/** Ids below 2^53, so that they are numbers, with room for those that follow. */
const LEAST_LEASE_ID = 2 ** 40;

const SILENT: CallListener = {
  onCallEnd: () => {},
  onMessage: () => {},
  onCallUnprocessed: () => {},
};

class ConnectionAdder implements Adder {
  readonly #options: AdderOptions;
  readonly #transports: WireTransport[] = [];

  constructor(options: AdderOptions) {
    this.#options = options;
  }

  async add(count: number): Promise<void> {
    this.#transports.push(await openTransport(this.#options.member, count, [], SILENT));
  }

  close(): void {
    for (const transport of this.#transports) transport.close();
  }
}

const STREAM_GAUGE = "etcd_debugging_mvcc_watch_stream_total";

async function streamAdder({ member, meter, most, signal }: AdderOptions): Promise<Adder> {
  const streams = await WatchStreams.open(member, most);
  const before = (await meter.gauge(STREAM_GAUGE)) ?? 0;
  let added = 0;
  return {
    async add(count) {
      // A message that asks for nothing, which etcd passes over.
      streams.begin(count, Buffer.alloc(0));
      added += count;
      await meter.awaitGauge(STREAM_GAUGE, before + added, signal);
    },
    close: () => streams.close(),
  };
}

async function watcherAdder({ member, meter, most, prefix, signal }: AdderOptions): Promise<Adder> {
  const count = Math.ceil(most / WATCHERS_PER_STREAM);
  const streams = await WatchStreams.open(member, count);
  const before = (await meter.gauge(STREAM_GAUGE)) ?? 0;
  streams.begin(count, Buffer.alloc(0));
  await meter.awaitGauge(STREAM_GAUGE, before + count, signal);
  const request = encodeMessage("etcdserverpb.WatchRequest", {
    createRequest: { key: Buffer.from(`${prefix}watched`) },
  });
  return { add: (more) => streams.ask(more, request), close: () => streams.close() };
}

async function leaseAdder({ member }: AdderOptions): Promise<Adder> {
  const calls = await UnaryCalls.open(member, "leases");
  const firstId = LEAST_LEASE_ID * randomInt(1, 2 ** 12);
  let granted = 0;
  return {
    async add(count) {
      const from = firstId + granted;
      granted += count;
      await calls.run("/etcdserverpb.Lease/LeaseGrant", count, (nth) =>
        encodeMessage("etcdserverpb.LeaseGrantRequest", { TTL: TTL_SECONDS, ID: from + nth }),
      );
    },
    async takeBack() {
      // Grants may still be in flight where one has failed, and what was not granted is not found.
      const revocations = await UnaryCalls.open(member, "revocations of leases");
      const revoke = (nth: number) =>
        encodeMessage("etcdserverpb.LeaseRevokeRequest", { ID: firstId + nth });
      try {
        await revocations.run("/etcdserverpb.Lease/LeaseRevoke", granted, revoke, Status.NOT_FOUND);
      } finally {
        revocations.close();
      }
    },
    close: () => calls.close(),
  };
}

async function keyAdder(options: AdderOptions): Promise<Adder> {
  const calls = await UnaryCalls.open(options.member, "puts");
  const put = putsOf(options, "k");
  let added = 0;
  return {
    async add(count) {
      const from = added;
      added += count;
      await calls.run(PUT_PATH, count, (nth) => put(from + nth));
    },
    close: () => calls.close(),
  };
}

/** Each step puts the same keys once more. */
async function revisionAdder(options: AdderOptions): Promise<Adder> {
  const calls = await UnaryCalls.open(options.member, "puts");
  const put = putsOf(options, "r");
  return {
    add: (count) => calls.run(PUT_PATH, count, put),
    close: () => calls.close(),
  };
}

const PUT_PATH = "/etcdserverpb.KV/Put";

/** @param mark keeps the keys of one adder apart from those of another */
function putsOf(
  { prefix, keySizeBytes, valSizeBytes }: AdderOptions,
  mark: string,
): (index: number) => Buffer {
  const begin = `${prefix}${mark}`;
  const value = Buffer.alloc(valSizeBytes, "v");
  return (index) => {
    const key = Buffer.from(begin + String(index).padStart(keySizeBytes - begin.length, "0"));
    return encodeMessage("etcdserverpb.PutRequest", { key, value });
  };
}
