/** Tells whether something before etcd, such as a gateway or a service mesh, refused a call in its place. */
import type { Metadata } from "@grpc/grpc-js";
import { Status } from "#wire";
import { shortened } from "../shortened.ts";

/** Of a server's name for itself. */
const MAX_SERVER_CHARS = 60;

/** `server`: its name, as it says it; empty: it says none. */
export interface Gateway {
  httpStatus: number;
  /** The media type of what it answered; null: it is gRPC's, or it says none. */
  contentType: string | null;
  server: string;
  /** It speaks gRPC, as Envoy does: what it answered is a gRPC status. */
  isGrpc: boolean;
}

/** The gRPC status of a call that failed, its words, and the headers of the answer, where one came. */
interface Answered {
  code: number;
  details: string;
  headers: Metadata | null;
}

export function gatewayOf({ code, details, headers }: Answered): Gateway | null {
  // grpc-js names every HTTP status but 200, and says of a page with 200 that no gRPC status came.
  const named = /^Received HTTP status code (\d{3})$/.exec(details)?.[1];
  const type = String(headers?.get("content-type")[0] ?? "");
  const contentType = type === "" || type.startsWith("application/grpc") ? null : type;
  const name = String(headers?.get("server")[0] ?? "");
  const isGrpc = named === undefined && contentType === null;
  if (isGrpc && !isForeignStatus(code, details, name !== "")) return null;
  return {
    httpStatus: Number(named ?? 200),
    contentType: contentType === null ? null : shortened(contentType, MAX_SERVER_CHARS),
    server: shortened(name, MAX_SERVER_CHARS),
    isGrpc,
  };
}

/** Of etcd's own refusals of a user, in all versions and services. */
const REFUSES_USER = /permission denied|user name is empty|invalid auth token|rpc error: code = /i;
/** etcd's errors, and those of its gRPC server. */
const IS_OF_ETCD = /etcdserver: |larger than max/;

/**
 * Whether a gRPC status is not etcd's. etcd names no server, but a proxy that passes its answers on may do
 * so; where a server is named, only etcd's own words are etcd's.
 */
export function isForeignStatus(code: number, details: string, namesServer = false): boolean {
  if (IS_OF_ETCD.test(details)) return false;
  switch (code) {
    case Status.PERMISSION_DENIED:
    case Status.UNAUTHENTICATED:
      return namesServer || !REFUSES_USER.test(details);
    case Status.UNAVAILABLE:
    case Status.RESOURCE_EXHAUSTED:
      return namesServer;
    default:
      return false;
  }
}

/** etcd's grpc-proxy passes etcd's refusals of a user on as UNKNOWN: only their words say what they are. */
export function statusOfEtcd(code: number, details: string): number {
  if (code !== Status.UNKNOWN) return code;
  if (details === "etcdserver: permission denied") return Status.PERMISSION_DENIED;
  if (details === "etcdserver: user name is empty") return Status.INVALID_ARGUMENT;
  return code;
}
