/**
 * Calls etcd for the control plane: before, during and after the load of a run. None of it is on the
 * hot path.
 */
import { setTimeout as delay } from "node:timers/promises";
import { status as statusCodes } from "@grpc/grpc-js";
import {
  type CallOptions,
  ControlCalls,
  ControlError,
  type ControlOptions,
} from "./control-calls.ts";
import {
  decimalId,
  type Header,
  hexId,
  type KeyValue,
  keyValue,
  listedMember,
  type MemberList,
  type MemberStatus,
  memberStatus,
  type RangeOptions,
  revisionOf,
  type WireKeyValue,
  type WireMember,
  type WireStatus,
} from "./control-messages.ts";

export {
  type CallOptions,
  type ControlAccess,
  ControlError,
  type ControlOptions,
  type TokenGiver,
} from "./control-calls.ts";

/** For an election to be over. */
const DROPPED_ATTEMPTS = 25;
const DROPPED_PAUSE_MS = 200;

export class ControlClient {
  readonly endpoints: readonly string[];
  readonly #options: ControlOptions;
  readonly #calls: ControlCalls;

  /** @param endpoints `host:port` each, at least one; connections open at the first call. */
  constructor(endpoints: readonly string[], options: ControlOptions = {}) {
    this.#options = options;
    this.#calls = new ControlCalls(endpoints, options);
    this.endpoints = this.#calls.endpoints;
  }

  /** All methods: @throws ControlError with the gRPC status. */
  async status(endpoint?: string, options: CallOptions = {}): Promise<MemberStatus> {
    const wire = await this.#calls.call<WireStatus>(
      "etcdserverpb.Maintenance",
      "Status",
      {},
      { endpoint, ...options },
    );
    return memberStatus(wire);
  }

  /** Asks the endpoint for what it knows itself, so that it answers without a leader too. */
  async memberList(endpoint?: string, options: CallOptions = {}): Promise<MemberList> {
    const wire = await this.#calls.call<{ header: Header | null; members: WireMember[] }>(
      "etcdserverpb.Cluster",
      "MemberList",
      {},
      { endpoint, ...options },
    );
    return {
      clusterId: hexId(wire.header?.clusterId),
      members: wire.members.map(listedMember),
    };
  }

  /** @returns the id of the new member, and all members with it */
  async addMember(
    request: { peerUrls: readonly string[]; isLearner: boolean },
    options: CallOptions = {},
  ): Promise<MemberList & { id: string | null }> {
    const { peerUrls, isLearner } = request;
    const wire = await this.#calls.call<{
      header: Header | null;
      member: WireMember | null;
      members: WireMember[];
    }>("etcdserverpb.Cluster", "MemberAdd", { peerURLs: peerUrls, isLearner }, options);
    return {
      id: hexId(wire.member?.ID),
      clusterId: hexId(wire.header?.clusterId),
      members: wire.members.map(listedMember),
    };
  }

  async removeMember(id: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.call("etcdserverpb.Cluster", "MemberRemove", { ID: decimalId(id) }, options);
  }

  /** A learner becomes a voting member; etcd refuses until it has caught up. */
  async promoteMember(id: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.call("etcdserverpb.Cluster", "MemberPromote", { ID: decimalId(id) }, options);
  }

  /** `endpoint` is the leader's, which alone can hand its place over. */
  async moveLeader(id: string, options: CallOptions = {}): Promise<void> {
    const request = { targetID: decimalId(id) };
    await this.#calls.call("etcdserverpb.Maintenance", "MoveLeader", request, options);
  }

  /** The alarm of full space, in the name of a member; it is of the whole cluster. */
  async setNoSpaceAlarm(isRaised: boolean, id: string, options: CallOptions = {}): Promise<void> {
    const request = {
      action: isRaised ? "ACTIVATE" : "DEACTIVATE",
      memberID: decimalId(id),
      alarm: "NOSPACE",
    };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#calls.call("etcdserverpb.Maintenance", "Alarm", request, options);
        return;
      } catch (error) {
        // A leader that is about to change has done nothing.
        const isDropped =
          error instanceof ControlError && error.details.includes("raft proposal dropped");
        if (!isDropped || attempt === DROPPED_ATTEMPTS) throw error;
        await delay(DROPPED_PAUSE_MS);
      }
    }
  }

  async range(
    request: RangeOptions,
    options: CallOptions = {},
  ): Promise<{ revision: number; kvs: KeyValue[]; count: number; more: boolean }> {
    const wire = await this.#calls.call<{
      header: Header | null;
      kvs: WireKeyValue[];
      count: string;
      more: boolean;
    }>("etcdserverpb.KV", "Range", request, options);
    return {
      revision: revisionOf(wire),
      kvs: wire.kvs.map(keyValue),
      count: Number(wire.count),
      more: wire.more,
    };
  }

  /** Whether the member has the rpc, which etcd has from 3.7; a failure of another kind is no answer. */
  async hasRangeStream(endpoint: string): Promise<boolean> {
    // A count comes in one part, so that the call is as good as a unary one.
    const request = { key: Buffer.from([0]), countOnly: true, serializable: true };
    try {
      await this.#calls.call("etcdserverpb.KV", "RangeStream", request, { endpoint });
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      return error.code !== statusCodes.UNIMPLEMENTED;
    }
    return true;
  }

  async put(
    request: { key: Uint8Array; value: Uint8Array; lease?: string },
    options: CallOptions = {},
  ): Promise<{ revision: number }> {
    return {
      revision: revisionOf(await this.#calls.call("etcdserverpb.KV", "Put", request, options)),
    };
  }

  async deleteRange(
    request: { key: Uint8Array; rangeEnd?: Uint8Array },
    options: CallOptions = {},
  ): Promise<{ revision: number; deleted: number }> {
    const wire = await this.#calls.call<{ header: Header | null; deleted: string }>(
      "etcdserverpb.KV",
      "DeleteRange",
      request,
      options,
    );
    return { revision: revisionOf(wire), deleted: Number(wire.deleted) };
  }

  /** Resolves to the lease's decimal id. */
  async grantLease(ttlSeconds: number, options: CallOptions = {}): Promise<string> {
    return (await this.grantLeaseFor(ttlSeconds, options)).lease;
  }

  /** With the time to live that etcd gave it, which may be longer than what was asked for. */
  async grantLeaseFor(
    ttlSeconds: number,
    options: CallOptions = {},
  ): Promise<{ lease: string; ttlSeconds: number }> {
    const request = { TTL: ttlSeconds };
    const { ID, TTL } = await this.#calls.call<{ ID: string; TTL: string }>(
      "etcdserverpb.Lease",
      "LeaseGrant",
      request,
      options,
    );
    return { lease: ID, ttlSeconds: Number(TTL) };
  }

  async revokeLease(lease: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.call("etcdserverpb.Lease", "LeaseRevoke", { ID: lease }, options);
  }

  /**
   * The newest that the member has, which may be behind the cluster's: by a transaction of nothing, for which
   * etcd asks no other member, and for no permission on any key.
   */
  async revision(endpoint?: string, options: CallOptions = {}): Promise<number> {
    const response = this.#calls.call<{ header: Header | null }>(
      "etcdserverpb.KV",
      "Txn",
      {},
      { endpoint, ...options },
    );
    return revisionOf(await response);
  }

  /**
   * The cluster's newest, by a linearizable read: the member has all writes that were acknowledged before.
   * @param key that the user may read
   */
  async clusterRevision(key: Buffer, options: CallOptions = {}): Promise<number> {
    return (await this.range({ key, countOnly: true }, options)).revision;
  }

  /** Of the member at `endpoint`, which serves nothing meanwhile. */
  async defragment(endpoint?: string, options: CallOptions = {}): Promise<void> {
    await this.#calls.call("etcdserverpb.Maintenance", "Defragment", {}, { endpoint, ...options });
  }

  /** With `physical` it answers only when the old revisions are off the backend. */
  async compact(
    request: { revision: number; physical?: boolean },
    options: CallOptions = {},
  ): Promise<{ revision: number }> {
    const wire = await this.#calls.call<{ header: Header | null }>(
      "etcdserverpb.KV",
      "Compact",
      request,
      options,
    );
    return { revision: revisionOf(wire) };
  }

  /** Of the whole backend; commits what the member has buffered. */
  async hash(endpoint?: string, options: CallOptions = {}): Promise<{ hash: number }> {
    const wire = await this.#calls.call<{ hash: number }>(
      "etcdserverpb.Maintenance",
      "Hash",
      {},
      { endpoint, ...options },
    );
    return { hash: wire.hash };
  }

  /** Of the keys up to `revision`; 0: the newest. */
  async hashKv(
    endpoint?: string,
    revision = 0,
    options: CallOptions = {},
  ): Promise<{ hash: number; compactRevision: number; revision: number }> {
    const wire = await this.#calls.call<{
      header: Header | null;
      hash: number;
      compactRevision: string;
    }>("etcdserverpb.Maintenance", "HashKV", revision === 0 ? {} : { revision }, {
      endpoint,
      ...options,
    });
    return {
      hash: wire.hash,
      compactRevision: Number(wire.compactRevision),
      revision: revisionOf(wire),
    };
  }

  /** @returns the token, which every member takes for the user */
  async authenticate(user: string, password: string, options: CallOptions = {}): Promise<string> {
    const request = { name: user, password };
    const { token } = await this.#calls.call<{ token: string }>(
      "etcdserverpb.Auth",
      "Authenticate",
      request,
      options,
    );
    return token;
  }

  /** Checks what the user may write, and writes nothing: the branch with the puts is never taken. */
  async checkPuts(keys: readonly Uint8Array[], options: CallOptions = {}): Promise<void> {
    const failure = keys.map((key) => ({ requestPut: { key } }));
    await this.#calls.call("etcdserverpb.KV", "Txn", { failure }, options);
  }

  /** `kvs` are those of all ranges that were answered, in order. */
  async txn(
    request: { compare: object[]; success: object[]; failure: object[] },
    options: CallOptions = {},
  ): Promise<{ succeeded: boolean; kvs: KeyValue[]; revision: number }> {
    const wire = await this.#calls.call<{
      header: Header | null;
      succeeded: boolean;
      responses: { responseRange?: { kvs: WireKeyValue[] } | null }[];
    }>("etcdserverpb.KV", "Txn", request, options);
    const kvs = wire.responses.flatMap(({ responseRange }) => responseRange?.kvs ?? []);
    return { succeeded: wire.succeeded, kvs: kvs.map(keyValue), revision: revisionOf(wire) };
  }

  /** The same endpoints and deadline over connections of its own, to be closed by itself. */
  sibling(): ControlClient {
    return new ControlClient(this.endpoints, this.#options);
  }

  /** Ends every connection for good; calls in flight, and later ones, fail as CANCELLED. */
  close(): void {
    this.#calls.close();
  }
}
