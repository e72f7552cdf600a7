/**
 * Defines what the control client returns, and makes it of decoded responses: ids in hex, sizes and
 * revisions as numbers (both stay far below 2^53).
 */

/** Ids are in hex, as etcdctl prints them; null where a proxy left them out. */
export interface MemberStatus {
  clusterId: string | null;
  memberId: string | null;
  version: string;
  /** Null where the member knows of no leader. */
  leaderId: string | null;
  isLearner: boolean;
  dbSizeBytes: number;
  dbSizeInUseBytes: number;
  /** Null before 3.6. */
  dbSizeQuotaBytes: number | null;
  /** Null before 3.6. */
  storageVersion: string | null;
  revision: number;
  raftTerm: number;
  /** Of the newest entry of its log that is committed. */
  raftIndex: number;
  raftAppliedIndex: number;
  /** Alarms and the like, in etcd's words. */
  errors: string[];
}

export interface ListedMember {
  id: string | null;
  /** Empty for a member that has not started. */
  name: string;
  peerUrls: string[];
  clientUrls: string[];
  isLearner: boolean;
}

export interface MemberList {
  clusterId: string | null;
  members: ListedMember[];
}

export interface KeyValue {
  key: Buffer;
  value: Buffer;
  createRevision: number;
  modRevision: number;
  version: number;
  /** In decimal: it does not fit a number. "0": none. */
  lease: string;
}

export interface RangeOptions {
  key: Uint8Array;
  /** Exclusive. Absent: one key. */
  rangeEnd?: Uint8Array;
  limit?: number;
  revision?: number;
  serializable?: boolean;
  keysOnly?: boolean;
  countOnly?: boolean;
}

// The wire shapes of the responses, as decodeMessage of src/protos.ts yields them.
export interface Header {
  clusterId: string;
  memberId: string;
  revision: string;
}
export interface WireStatus {
  header: Header | null;
  version: string;
  dbSize: string;
  leader: string;
  raftTerm: string;
  raftIndex: string;
  raftAppliedIndex: string;
  errors: string[];
  dbSizeInUse: string;
  isLearner: boolean;
  storageVersion: string;
  dbSizeQuota: string;
}
export interface WireMember {
  ID: string;
  name: string;
  peerURLs: string[];
  clientURLs: string[];
  isLearner: boolean;
}
export interface WireKeyValue {
  key: Buffer;
  value: Buffer;
  createRevision: string;
  modRevision: string;
  version: string;
  lease: string;
}

export function memberStatus(wire: WireStatus): MemberStatus {
  const quotaBytes = Number(wire.dbSizeQuota);
  return {
    clusterId: hexId(wire.header?.clusterId),
    memberId: hexId(wire.header?.memberId),
    version: wire.version,
    leaderId: hexId(wire.leader),
    isLearner: wire.isLearner,
    dbSizeBytes: Number(wire.dbSize),
    dbSizeInUseBytes: Number(wire.dbSizeInUse),
    dbSizeQuotaBytes: quotaBytes === 0 ? null : quotaBytes,
    storageVersion: wire.storageVersion === "" ? null : wire.storageVersion,
    revision: revisionOf(wire),
    raftTerm: Number(wire.raftTerm),
    raftIndex: Number(wire.raftIndex),
    raftAppliedIndex: Number(wire.raftAppliedIndex),
    errors: wire.errors,
  };
}

export function listedMember(wire: WireMember): ListedMember {
  return {
    id: hexId(wire.ID),
    name: wire.name,
    peerUrls: wire.peerURLs,
    clientUrls: wire.clientURLs,
    isLearner: wire.isLearner,
  };
}

export function keyValue(wire: WireKeyValue): KeyValue {
  return {
    key: wire.key,
    value: wire.value,
    createRevision: Number(wire.createRevision),
    modRevision: Number(wire.modRevision),
    version: Number(wire.version),
    lease: wire.lease,
  };
}

/** As etcdctl prints an id: hex without leading zeros; null for the 0 of an absent one. */
export function hexId(decimal: string | undefined): string | null {
  return decimal === undefined || decimal === "0" ? null : BigInt(decimal).toString(16);
}

/** The way back of `hexId`. */
export function decimalId(hex: string): string {
  return BigInt(`0x${hex}`).toString();
}

export function revisionOf(response: { header: Header | null }): number {
  return Number(response.header?.revision ?? 0);
}
