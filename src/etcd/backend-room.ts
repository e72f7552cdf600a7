/** Asks the members how much their databases may still grow: the backend quota, and what is in use. */
import { type ControlAccess, ControlClient, ControlError } from "./control-client.ts";
import { type MemberPage, readMemberPages } from "./member-pages.ts";
import { numberOf } from "./metrics.ts";

import type { SampledMember } from "./metrics-sampler.ts";

export interface BackendRoom {
  member: string;
  quotaBytes: number;
  /** The file's size: at the quota etcd takes no write, free pages or not. */
  sizeBytes: number;
  /** Without the pages that compaction has freed, which are written again before the file grows. */
  inUseBytes: number;
}

const TIMEOUT_MS = 2_000;

/** Of those members that tell: from Status in 3.6 and newer, else from their metrics. */
export async function readBackendRoom(
  members: readonly SampledMember[],
  metricsEndpoints: readonly string[] | null,
  access: ControlAccess = { tls: null, tokens: null },
): Promise<BackendRoom[]> {
  const pages = await readMemberPages(members, metricsEndpoints, access);
  const told = await Promise.all(members.map((member) => roomOf(member, pages, access)));
  return told.filter((room) => room !== null);
}

async function roomOf(
  { id, name, endpoint }: SampledMember,
  pages: readonly MemberPage[],
  access: ControlAccess,
): Promise<BackendRoom | null> {
  if (endpoint === "") return null;
  const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS, access });
  try {
    const { dbSizeBytes, dbSizeInUseBytes, dbSizeQuotaBytes } = await client.status();
    const own = pages.find(({ memberId }) => memberId !== null && memberId === id);
    const quotaBytes = dbSizeQuotaBytes ?? (own === undefined ? null : quotaIn(own.page));
    // A negative quota is none.
    if (quotaBytes === null || quotaBytes <= 0) return null;
    return { member: name, quotaBytes, sizeBytes: dbSizeBytes, inUseBytes: dbSizeInUseBytes };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    // A member that does not answer cannot be asked for its quota, and the run may not need it.
    return null;
  } finally {
    client.close();
  }
}

function quotaIn(page: string): number | null {
  return numberOf(page, "etcd_server_quota_backend_bytes");
}
