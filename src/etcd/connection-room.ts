/** Compares the connections of a load with what the members take, by their own limits of open files. */
import { usageError } from "../errors.ts";
import type { ControlAccess } from "./control-client.ts";
import { readMemberPages } from "./member-pages.ts";
import { numberOf } from "./metrics.ts";
import type { SampledMember } from "./metrics-sampler.ts";
import { FILES_KEPT_BY_ETCD, OWN_CONNECTIONS } from "./open-files.ts";

/** Every member has room for so many: no page is read for them. */
const LEAST_CHECKED = 100;

export interface PlannedConnections {
  /** By the member's id. */
  ofMember: ReadonlyMap<string, number>;
  members: readonly SampledMember[];
  /** In place of the members' own URLs; null: those are used. */
  metricsEndpoints: readonly string[] | null;
  access: ControlAccess;
  /** What asks for the connections: `--conns=900`. */
  flag: string;
}

/**
 * Says nothing of members whose metrics cannot be read.
 * @throws BenchError (usage) with the member, its limit, and how to raise it
 */
export async function checkConnectionRoom(planned: PlannedConnections): Promise<void> {
  const { ofMember, members, metricsEndpoints, access, flag } = planned;
  const checked = members.filter(({ id }) => connectionsOf(ofMember, id) > LEAST_CHECKED);
  if (checked.length === 0) return;
  for (const { memberId, page } of await readMemberPages(checked, metricsEndpoints, access)) {
    const limit = numberOf(page, "process_max_fds");
    const member = checked.find(({ id }) => id !== null && id === memberId);
    if (limit === null || member === undefined) continue;
    const opened = connectionsOf(ofMember, member.id) + OWN_CONNECTIONS;
    const taken = limit - FILES_KEPT_BY_ETCD;
    if (opened <= taken) continue;
    throw usageError(
      `${flag}: etcd ${member.name} takes ${Math.max(0, taken)} connections, as its limit of open files is ` +
        `${limit} and it keeps ${FILES_KEPT_BY_ETCD} of them, and this run opens about ${opened} to it: ` +
        `raise that limit where etcd runs (ulimit -n, or LimitNOFILE of its unit), or lower ${flag.replace(/[=:]\d+$/, "")}`,
    );
  }
}

function connectionsOf(ofMember: PlannedConnections["ofMember"], id: string | null): number {
  return id === null ? 0 : (ofMember.get(id) ?? 0);
}
