/**
 * Sends a call of the control plane to one endpoint over grpc-js: connections, deadline and token. Each
 * call is sent once: no retry, no fail-over.
 */

import {
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { Status, statusName } from "#wire";
import { grpcJsCredentials } from "../access/grpc-js-credentials.ts";
import { grpcJsTarget } from "../access/grpc-js-target.ts";
import { isTokenRefused } from "../access/token-refused.ts";
import { withoutLocalAddress } from "../net/connect-words.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { parseEndpoints } from "../plan/endpoints.ts";
import { type ServiceName, serviceDefinition } from "../protos.ts";
import { type Gateway, gatewayOf, statusOfEtcd } from "./gateway.ts";

/** What grpc-js ends its words with where it has no more to say. */
const EMPTY_NOTE = /\.? *Resolution note: *$/;

/** A call that failed: the gRPC status of etcd or of the way there. */
export class ControlError extends Error {
  /** The number of the gRPC status, as `code`, and its name, as UNAVAILABLE. */
  readonly code: number;
  readonly codeName: string;
  /** The server's own words, on one line. */
  readonly details: string;
  readonly endpoint: string;
  readonly method: string;
  /** What answered in place of etcd; null: etcd answered, or no server. */
  readonly gateway: Gateway | null;

  /** @param headers of the answer, where one came */
  constructor(
    method: string,
    endpoint: string,
    cause: Pick<ServiceError, "code" | "details">,
    headers: Metadata | null = null,
  ) {
    // grpc-js gives NaN for a status that is no number.
    const given = Number.isInteger(cause.code) ? cause.code : Status.UNKNOWN;
    const code = statusOfEtcd(given, cause.details);
    const codeName = statusName(code);
    const details = withoutLocalAddress(cause.details)
      .replace(EMPTY_NOTE, "")
      .replace(/\s+/g, " ")
      .trim();
    super(`${method} at ${endpoint}: ${codeName}: ${details}`, { cause });
    this.name = "ControlError";
    this.code = code;
    this.codeName = codeName;
    this.details = details;
    this.endpoint = endpoint;
    this.method = method;
    this.gateway = gatewayOf({ code, details, headers });
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

/** With a token of one second a call may meet the end of several. */
const MOST_RESENDS = 5;

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

const CLOSED = { code: Status.CANCELLED, details: "the client is closed" };

/** A server ends a call at the client's deadline too, and the end of it may come here first. */
const SHARE_AT_DEADLINE = 0.9;

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
  // A member that is back is connected to soon; without calls nothing is tried.
  "grpc.max_reconnect_backoff_ms": 200,
};

export class ControlCalls {
  /** `host:port` each, at least one; connections open at the first call. */
  readonly endpoints: readonly string[];
  readonly #timeoutMs: number;
  readonly #access: ControlAccess;
  readonly #clients = new Map<string, Client>();
  readonly #inFlight = new Set<Pick<ClientUnaryCall, "cancel">>();
  #isClosed = false;

  constructor(endpoints: readonly string[], options: ControlOptions) {
    this.endpoints = parseEndpoints(endpoints.join(","), "--endpoints");
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#access = options.access ?? NO_ACCESS;
  }

  /** Ends every connection for good; calls in flight, and later ones, fail as CANCELLED. */
  close(): void {
    this.#isClosed = true;
    // grpc-js lets them go on to their deadlines on a closed channel.
    for (const call of this.#inFlight) call.cancel();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  /** With the token of now; one that is refused is renewed, and the call sent again: new ones may end soon, too. */
  async call<Response extends object>(
    service: ServiceName,
    method: string,
    request: object,
    options: CallOptions,
  ): Promise<Response> {
    const { tokens } = this.#access;
    let token = (await tokens?.token()) ?? null;
    for (let resends = 0; ; resends++) {
      try {
        return await this.#send(service, method, request, options, token);
      } catch (error) {
        const isRefused =
          error instanceof ControlError && isTokenRefused(error.code, error.details);
        if (token === null || !isRefused || resends === MOST_RESENDS) throw error;
        token = await tokens!.renew(token);
      }
    }
  }

  /**
   * Opens a stream in both directions, which ends with `close()` too.
   * @param timeoutMs of the whole stream; absent: it has none
   * @returns the stream, and what renews the token where the stream was refused over it in these words:
   * the next stream, or one soon after, carries a new one
   */
  async stream<Request extends object, Response extends object>(
    service: ServiceName,
    method: string,
    endpoint: string,
    timeoutMs?: number,
  ): Promise<{
    stream: ClientDuplexStream<Request, Response>;
    refused: (status: number, words: string) => void;
  }> {
    const { tokens } = this.#access;
    const token = (await tokens?.token()) ?? null;
    if (this.#isClosed) throw new ControlError(method, endpoint, CLOSED);
    const { path, requestSerialize, responseDeserialize } = serviceDefinition(service)[method]!;
    const stream = this.#clientOf(endpoint).makeBidiStreamRequest<Request, Response>(
      path,
      requestSerialize,
      (bytes) => responseDeserialize(bytes) as Response,
      tokenMetadata(token),
      timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
    );
    this.#inFlight.add(stream);
    stream.on("close", () => this.#inFlight.delete(stream));
    const refused = (status: number, words: string) => {
      if (token === null || !isTokenRefused(status, words)) return;
      // Without a new token the next stream fails as this one did.
      tokens!.renew(token).catch(() => {});
    };
    stream.on("error", ({ code, details }: ServiceError) => refused(code, details));
    return { stream, refused };
  }

  #send<Response extends object>(
    service: ServiceName,
    method: string,
    request: object,
    options: CallOptions,
    token: string | null,
  ): Promise<Response> {
    const endpoint = options.endpoint ?? this.endpoints[0]!;
    const { path, requestSerialize, responseDeserialize } = serviceDefinition(service)[method]!;
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const deadline = Date.now() + timeoutMs;
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      let headers: Metadata | null = null;
      if (this.#isClosed) return reject(new ControlError(method, endpoint, CLOSED));
      const call = this.#clientOf(endpoint).makeUnaryRequest<object, Response>(
        path,
        requestSerialize,
        (bytes) => responseDeserialize(bytes) as Response,
        request,
        tokenMetadata(token),
        { deadline },
        (error, response) => {
          this.#inFlight.delete(call);
          if (error === null) return resolve(response!);
          const share = (performance.now() - startedMs) / timeoutMs;
          const isLate =
            error.code === Status.CANCELLED && !this.#isClosed && share >= SHARE_AT_DEADLINE;
          const cause = isLate
            ? { code: Status.DEADLINE_EXCEEDED, details: `no answer within ${timeoutMs} ms` }
            : error;
          // Headers that end the stream are with the error.
          reject(new ControlError(method, endpoint, cause, headers ?? error.metadata));
        },
      );
      this.#inFlight.add(call);
      call.on("metadata", (metadata: Metadata) => {
        headers = metadata;
      });
    });
  }

  #clientOf(endpoint: string): Client {
    let client = this.#clients.get(endpoint);
    if (client === undefined) {
      const credentials = grpcJsCredentials(this.#access.tls, endpoint);
      client = new Client(grpcJsTarget(endpoint), credentials, CHANNEL_OPTIONS);
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
