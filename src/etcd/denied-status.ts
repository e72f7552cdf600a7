/**
 * Reads the status of a member from its metrics page, which needs no user, where etcd denies Status to
 * the run's user, as newer etcds do to all but root.
 */
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { MemberStatus } from "./control-messages.ts";
import { PageReader } from "./fetch-page.ts";
import { labelOf, numberOf, readMemberMetrics } from "./metrics.ts";

export interface DeniedStatus {
  status: MemberStatus;
  /** It has a leader, or may have one, and who that is it does not say. */
  leaderIsUnknown: boolean;
}

/** Never rejects: what is not told is not known. */
export async function statusFromMetrics(
  endpoint: string,
  timeoutMs: number,
  tls: TlsMaterial | null,
): Promise<DeniedStatus> {
  const pages = new PageReader(tls, false);
  try {
    const scheme = tls === null ? "http" : "https";
    return readStatus(await pages.read(`${scheme}://${endpoint}/metrics`, { timeoutMs }));
  } catch {
    // No page, at this port: the sampler says why where it matters.
    return { status: NOTHING, leaderIsUnknown: true };
  } finally {
    pages.close();
  }
}

const NOTHING: MemberStatus = {
  clusterId: null,
  memberId: null,
  version: "",
  leaderId: null,
  isLearner: false,
  dbSizeBytes: 0,
  dbSizeInUseBytes: 0,
  dbSizeQuotaBytes: null,
  storageVersion: null,
  revision: 0,
  raftTerm: 0,
  raftIndex: 0,
  raftAppliedIndex: 0,
  errors: [],
};

function readStatus(page: string): DeniedStatus {
  const { memberId, dbSizeBytes } = readMemberMetrics(page);
  const version = labelOf(page, "etcd_server_version", "server_version");
  if (memberId === null || dbSizeBytes === null || version === null) {
    return { status: NOTHING, leaderIsUnknown: true };
  }
  const isLeader = numberOf(page, "etcd_server_is_leader") === 1;
  const status: MemberStatus = {
    ...NOTHING,
    memberId,
    version,
    leaderId: isLeader ? memberId : null,
    isLearner: numberOf(page, "etcd_server_is_learner") === 1,
    dbSizeBytes,
  };
  return {
    status,
    leaderIsUnknown: !isLeader && numberOf(page, "etcd_server_has_leader") !== 0,
  };
}
