/** Reads LeaseKeepAliveResponse. */
import { Status } from "#wire";
import { findField, varintField } from "../calls/protobuf-fields.ts";

const ID = 2;
const TTL = 3;

export interface KeepAliveFailure {
  status: number;
  message: string;
}

const GONE: KeepAliveFailure = {
  status: Status.NOT_FOUND,
  message: "etcd does not know the lease (TTL 0): it has expired or was revoked",
};
/** etcd names the lease in each answer. */
const NAMELESS: KeepAliveFailure = {
  status: Status.INTERNAL,
  message: "the server sent a LeaseKeepAliveResponse that names no lease",
};

/** 0: the lease does not live on, and `keepAliveFailure` says why. */
export function keepAliveTtlSeconds(bytes: Uint8Array, start: number, end: number): number {
  return varintField(bytes, start, end, TTL);
}

/** Of an answer without a TTL. */
export function keepAliveFailure(bytes: Uint8Array, start: number, end: number): KeepAliveFailure {
  return findField(bytes, start, end, ID) ? GONE : NAMELESS;
}
