/**
 * Owns the control plane's calls to etcd over grpc-js: what a run asks before, after and beside its
 * load. Nothing here is on the hot path. Each call goes to one endpoint, has a deadline, and is
 * sent once: no retry, no fail-over.
 */
import {
  Client,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
  status as statusCodes,
} from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/proto-loader";
import type { TlsMaterial } from "../access/access.ts";
import { grpcJsCredentials } from "../access/grpc-js-credentials.ts";
import { isTokenRefused } from "../access/token-refused.ts";
import { parseEndpoints } from "../plan/endpoints.ts";
import { encodeMessage, type ServiceName, serviceDefinition } from "../protos.ts";
import {
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

/** A call that failed: the gRPC status of etcd or of the way there. */
export class ControlError extends Error {
  /** The number of the gRPC status, as `code`, and its name, as UNAVAILABLE. */
  readonly code: number;
  readonly codeName: string;
  /** The server's own words. */
  readonly details: string;
  readonly endpoint: string;
  readonly method: string;

  constructor(method: string, endpoint: string, cause: Pick<ServiceError, "code" | "details">) {
    const codeName = statusCodes[cause.code] ?? String(cause.code);
    super(`${method} at ${endpoint}: ${codeName}: ${cause.details}`, { cause });
    this.name = "ControlError";
    this.code = cause.code;
    this.codeName = codeName;
    this.details = cause.details;
    this.endpoint = endpoint;
    this.method = method;
  }
}

/** Where a client gets its token from, and a new one for one that was refused. */
export interface TokenGiver {
  /** Null where etcd has no authentication. */
  token(): Promise<string | null>;
  renew(refused: string): Promise<string | null>;
}

export interface ControlAccess {
  /** Null: without TLS. */
  tls: TlsMaterial | null;
  /** Null: no token is sent. */
  tokens: TokenGiver | null;
}

export interface ControlOptions {
  timeoutMs?: number;
  access?: ControlAccess;
}

/** Options of one call: `endpoint` (the first of the client's by default) and its deadline. */
export interface CallOptions {
  endpoint?: string;
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const NO_ACCESS: ControlAccess = { tls: null, tokens: null };

const CLOSED = { code: statusCodes.CANCELLED, details: "the client is closed" };

const CHANNEL_OPTIONS = {
  // The load goes to the endpoint itself, so the control plane must not go round by a proxy.
  "grpc.enable_http_proxy": 0,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // Connections of its own, that end with close().
  "grpc.use_local_subchannel_pool": 1,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
};

export class ControlClient {
  readonly endpoints: readonly string[];
  readonly #timeoutMs: number;
  readonly #access: ControlAccess;
  readonly #clients = new Map<string, Client>();
  readonly #inFlight = new Set<ClientUnaryCall>();
  #isClosed = false;

  /** @param endpoints `host:port` each, at least one; connections open at the first call. */
  constructor(endpoints: readonly string[], options: ControlOptions = {}) {
    this.endpoints = parseEndpoints(endpoints.join(","), "--endpoints");
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#access = options.access ?? NO_ACCESS;
  }

  /** All methods: @throws ControlError with the gRPC status. */
  async status(endpoint?: string, options: CallOptions = {}): Promise<MemberStatus> {
    const wire = await this.#call<WireStatus>(
      "etcdserverpb.Maintenance",
      "Status",
      {},
      { endpoint, ...options },
    );
    return memberStatus(wire);
  }

  /** Asks the endpoint for what it knows itself, so that it answers without a leader too. */
  async memberList(endpoint?: string, options: CallOptions = {}): Promise<MemberList> {
    const wire = await this.#call<{ header: Header | null; members: WireMember[] }>(
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

  async range(
    request: RangeOptions,
    options: CallOptions = {},
  ): Promise<{ revision: number; kvs: KeyValue[]; count: number; more: boolean }> {
    const wire = await this.#call<{
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
      await this.#call("etcdserverpb.KV", "RangeStream", request, { endpoint });
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
    return { revision: revisionOf(await this.#call("etcdserverpb.KV", "Put", request, options)) };
  }

  async deleteRange(
    request: { key: Uint8Array; rangeEnd?: Uint8Array },
    options: CallOptions = {},
  ): Promise<{ revision: number; deleted: number }> {
    const wire = await this.#call<{ header: Header | null; deleted: string }>(
      "etcdserverpb.KV",
      "DeleteRange",
      request,
      options,
    );
    return { revision: revisionOf(wire), deleted: Number(wire.deleted) };
  }

  /** Resolves to the lease's decimal id. */
  async grantLease(ttlSeconds: number, options: CallOptions = {}): Promise<string> {
    const request = { TTL: ttlSeconds };
    const { ID } = await this.#call<{ ID: string }>(
      "etcdserverpb.Lease",
      "LeaseGrant",
      request,
      options,
    );
    return ID;
  }

  async revokeLease(lease: string, options: CallOptions = {}): Promise<void> {
    await this.#call("etcdserverpb.Lease", "LeaseRevoke", { ID: lease }, options);
  }

  /** The cluster's newest, by a transaction of nothing: it asks for no permission on any key. */
  async revision(endpoint?: string, options: CallOptions = {}): Promise<number> {
    const response = this.#call<{ header: Header | null }>(
      "etcdserverpb.KV",
      "Txn",
      {},
      { endpoint, ...options },
    );
    return revisionOf(await response);
  }

  /** Of the member at `endpoint`, which serves nothing meanwhile. */
  async defragment(endpoint?: string, options: CallOptions = {}): Promise<void> {
    await this.#call("etcdserverpb.Maintenance", "Defragment", {}, { endpoint, ...options });
  }

  /** With `physical` it answers only when the old revisions are off the backend. */
  async compact(
    request: { revision: number; physical?: boolean },
    options: CallOptions = {},
  ): Promise<{ revision: number }> {
    const wire = await this.#call<{ header: Header | null }>(
      "etcdserverpb.KV",
      "Compact",
      request,
      options,
    );
    return { revision: revisionOf(wire) };
  }

  /** Of the whole backend; commits what the member has buffered. */
  async hash(endpoint?: string, options: CallOptions = {}): Promise<{ hash: number }> {
    const wire = await this.#call<{ hash: number }>(
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
    const wire = await this.#call<{ header: Header | null; hash: number; compactRevision: string }>(
      "etcdserverpb.Maintenance",
      "HashKV",
      revision === 0 ? {} : { revision },
      { endpoint, ...options },
    );
    return {
      hash: wire.hash,
      compactRevision: Number(wire.compactRevision),
      revision: revisionOf(wire),
    };
  }

  /** @returns the token, which stands for the user on every member */
  async authenticate(user: string, password: string, options: CallOptions = {}): Promise<string> {
    const request = { name: user, password };
    const { token } = await this.#call<{ token: string }>(
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
    await this.#call("etcdserverpb.KV", "Txn", { failure }, options);
  }

  /** `kvs` are those of all ranges that were answered, in order. */
  async txn(
    request: { compare: object[]; success: object[]; failure: object[] },
    options: CallOptions = {},
  ): Promise<{ succeeded: boolean; kvs: KeyValue[] }> {
    const wire = await this.#call<{
      succeeded: boolean;
      responses: { responseRange?: { kvs: WireKeyValue[] } | null }[];
    }>("etcdserverpb.KV", "Txn", request, options);
    const kvs = wire.responses.flatMap(({ responseRange }) => responseRange?.kvs ?? []);
    return { succeeded: wire.succeeded, kvs: kvs.map(keyValue) };
  }

  /** A user of whom etcd keeps only a hash of the password. */
  async addUser(user: string, password: string): Promise<void> {
    await this.#call("etcdserverpb.Auth", "UserAdd", { name: user, password }, {});
  }

  async grantRole(user: string, role: string): Promise<void> {
    await this.#call("etcdserverpb.Auth", "UserGrantRole", { user, role }, {});
  }

  async enableAuthentication(): Promise<void> {
    await this.#call("etcdserverpb.Auth", "AuthEnable", {}, {});
  }

  /** The same endpoints and deadline over connections of its own, to be closed by itself. */
  sibling(): ControlClient {
    return new ControlClient(this.endpoints, { timeoutMs: this.#timeoutMs, access: this.#access });
  }

  /** Ends every connection for good; calls in flight, and later ones, fail as CANCELLED. */
  close(): void {
    this.#isClosed = true;
    // grpc-js lets them go on to their deadlines behind a closed channel.
    for (const call of this.#inFlight) call.cancel();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  /** With the token of now; a token that is refused is renewed, and the call sent once more. */
  async #call<Response extends object>(
    service: ServiceName,
    method: string,
    request: object,
    options: CallOptions,
  ): Promise<Response> {
    const { tokens } = this.#access;
    const token = (await tokens?.token()) ?? null;
    try {
      return await this.#send(service, method, request, options, token);
    } catch (error) {
      const isRefused = error instanceof ControlError && isTokenRefused(error.code, error.details);
      if (token === null || !isRefused) throw error;
      return await this.#send(service, method, request, options, await tokens!.renew(token));
    }
  }

  #send<Response extends object>(
    service: ServiceName,
    method: string,
    request: object,
    options: CallOptions,
    token: string | null,
  ): Promise<Response> {
    const endpoint = options.endpoint ?? this.endpoints[0]!;
    const definition = serviceDefinition(service)[method] as unknown as MethodDefinition<
      object,
      Response
    >;
    const requestName = (definition.requestType.type as { name: string }).name;
    const requestType = `${service.slice(0, service.indexOf("."))}.${requestName}`;
    const deadline = Date.now() + (options.timeoutMs ?? this.#timeoutMs);
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new ControlError(method, endpoint, CLOSED));
      const call = this.#clientOf(endpoint).makeUnaryRequest<object, Response>(
        definition.path,
        (value) => encodeMessage(requestType, value),
        definition.responseDeserialize,
        request,
        tokenMetadata(token),
        { deadline },
        (error, response) => {
          this.#inFlight.delete(call);
          if (error !== null) reject(new ControlError(method, endpoint, error));
          else resolve(response!);
        },
      );
      this.#inFlight.add(call);
    });
  }

  #clientOf(endpoint: string): Client {
    let client = this.#clients.get(endpoint);
    if (client === undefined) {
      const credentials = grpcJsCredentials(this.#access.tls, endpoint);
      client = new Client(endpoint, credentials, CHANNEL_OPTIONS);
      this.#clients.set(endpoint, client);
    }
    return client;
  }
}

/** etcd's own key: it is not gRPC's `authorization`. */
function tokenMetadata(token: string | null): Metadata {
  const metadata = new Metadata();
  if (token !== null) metadata.set("token", token);
  return metadata;
}
