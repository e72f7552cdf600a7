/**
 * Inspects a cluster before a run: whether each endpoint answers, as which member of which cluster, who
 * leads, and which endpoints the load goes to. Stops with one clear line where the plan cannot be
 * measured there; is lenient where only figures would be lost.
 */
import { usageError } from "../errors.ts";
import type { MemberResult } from "../result/schema.ts";
import { versionsNote } from "../result/target-notes.ts";
import { type ControlAccess, ControlClient } from "./control-client.ts";
import type { ListedMember } from "./control-messages.ts";
import { askEndpoints, type EndpointAnswer, type StatusAnswer } from "./endpoint-answers.ts";
import { findLeaderEndpoint } from "./leader-endpoint.ts";
import { advertisedEndpoints } from "./member-urls.ts";
import { learnerFaults, refuseLearners, refuseWithoutLeader } from "./refuse-target.ts";

export interface InspectRequest {
  /** `host:port`, each once, at least one. */
  endpoints: readonly string[];
  /** Send the load to the leader alone, whichever endpoints were named. */
  leaderOnly: boolean;
  /** The plan writes or reads linearizably: a learner or a leaderless cluster cannot serve it. */
  needsLeader: boolean;
  /** How to get in; absent: without TLS and without a user. */
  access?: ControlAccess;
  /** Of each probe and call. */
  timeoutMs?: number;
  /** How long a cluster may take to elect a leader before it counts as leaderless. */
  electionMs?: number;
}

export interface TargetMember extends MemberResult {
  /** In hex, as etcdctl prints it. */
  id: string;
  /** `http(s)://host:port` that may serve its metrics, the likeliest first. */
  metricsUrls: string[];
  /** The revision that it told; absent or null: it told none. */
  revision?: number | null;
}

export interface TargetInfo {
  /** Where the load goes: as named, or the leader's alone. */
  endpoints: string[];
  /** In hex. */
  clusterId: string | null;
  /** Of all members; where they differ, each once with commas between. */
  version: string | null;
  /** Those named first, in that order, then the rest of the cluster. */
  members: TargetMember[];
  /** Whether they are all that the cluster has; absent: its list could not be read. */
  isWhole?: boolean;
  /** By endpoint, the id of the member that answers there; without those where several do, and without
   * grpc-proxies next to members. */
  memberIdOf?: ReadonlyMap<string, string>;
  /** Endpoints that report the alarm of full space, with which etcd takes no writes; absent: not known. */
  outOfSpace?: readonly string[];
  /** A sentence each. */
  notes: string[];
  /** Of the endpoints named, those of etcd's grpc-proxy, which answers for members without being one. */
  grpcProxies?: readonly string[];
}

/**
 * @throws BenchError (unreachable) where an endpoint does not answer as etcd, or the leader cannot
 *   be reached; BenchError (usage) where the cluster cannot serve the plan.
 */
export async function inspectTarget(request: InspectRequest): Promise<TargetInfo> {
  const timeoutMs = request.timeoutMs ?? 5_000;
  const { access = { tls: null, tokens: null } } = request;
  const { tls } = access;
  const isTls = tls !== null;
  const client = new ControlClient(request.endpoints, { timeoutMs, access });
  try {
    const answers = await askEndpoints(client, {
      timeoutMs,
      tls,
      electionMs: request.needsLeader || request.leaderOnly ? (request.electionMs ?? 3_000) : 0,
      refused: (answers) => learnerFaults(request, answers),
    });
    const clusterId = oneCluster(answers);
    const notes = [...proxyNotes(answers), ...alarmNotes(answers)];
    const leaderId = leaderOf(answers);
    refuseWithoutLeader(request, answers, leaderId, notes);
    refuseLearners(request, answers);
    const { listed, isWhole, grpcProxies } = await listMembers(client, answers, notes);
    // Next to members a proxy is no place of one; without them it is all that is known.
    const direct = answers.filter(({ endpoint }) => !grpcProxies.includes(endpoint));
    const known = direct.length === 0 ? answers : direct;
    const endpoints =
      request.leaderOnly && leaderId !== null
        ? [
            await findLeaderEndpoint(client, {
              leaderId,
              answers: known,
              listed,
              timeoutMs,
              tls,
            }),
          ]
        : [...request.endpoints];
    const members = await describeMembers(client, known, listed, leaderId, isTls);
    const memberIdOf = new Map(
      known.flatMap(({ endpoint, memberIds }): [string, string][] =>
        memberIds.length === 1 ? [[endpoint, memberIds[0]!]] : [],
      ),
    );
    if (endpoints.length === 1 && leaderId !== null && request.leaderOnly) {
      memberIdOf.set(endpoints[0]!, leaderId);
    }
    notes.push(...sameMemberNotes(memberIdOf, members));
    const version = versionOf(members, notes);
    const outOfSpace = answers.filter(isOutOfSpace).map(({ endpoint }) => endpoint);
    return {
      ...{ endpoints, clusterId, version, members, isWhole, memberIdOf, outOfSpace },
      ...{ notes, grpcProxies },
    };
  } finally {
    client.close();
  }
}

function oneCluster(answers: EndpointAnswer[]): string | null {
  const [first, ...rest] = answers.filter(({ status }) => status.clusterId !== null);
  const other = rest.find(({ status }) => status.clusterId !== first?.status.clusterId);
  if (first !== undefined && other !== undefined) {
    throw usageError(
      `--endpoints: ${first.endpoint} belongs to cluster ${first.status.clusterId}, ${other.endpoint} to cluster ${other.status.clusterId}: name the members of one cluster`,
    );
  }
  return first?.status.clusterId ?? null;
}

/** Where a member has several of the endpoints, it gets the connections of each. */
function sameMemberNotes(
  memberIdOf: ReadonlyMap<string, string>,
  members: readonly TargetMember[],
): string[] {
  return members.flatMap(({ id, name }) => {
    const own = [...memberIdOf].filter(([, owner]) => owner === id).map(([endpoint]) => endpoint);
    if (own.length < 2) return [];
    return [`${own.join(" and ")} are one member, ${name}: it gets the connections of each.`];
  });
}

function proxyNotes(answers: EndpointAnswer[]): string[] {
  return answers
    .filter(({ memberIds }) => memberIds.length > 1)
    .map(
      ({ endpoint, memberIds }) =>
        `${endpoint} answers as ${memberIds.length} different members: it is a proxy that spreads the load.`,
    );
}

function alarmNotes(answers: EndpointAnswer[]): string[] {
  return answers.flatMap(({ endpoint, status: { leaderId, errors } }) =>
    // Without a leader that is the one error, and it is dealt with apart.
    leaderId === null ? [] : errors.map((error) => `${endpoint} reports "${error}".`),
  );
}

function isOutOfSpace({ status: { errors } }: EndpointAnswer): boolean {
  return errors.some((error) => error.includes("alarm:NOSPACE"));
}

/** The latest term's: a member that was cut off may still name an old leader. */
function leaderOf(answers: EndpointAnswer[]): string | null {
  const knowing = answers.filter(({ status }) => status.leaderId !== null);
  knowing.sort((a, b) => b.status.raftTerm - a.status.raftTerm);
  return knowing[0]?.status.leaderId ?? null;
}

/** The first list that names a member which answers; empty, with a note, where none does. */
async function listMembers(
  client: ControlClient,
  answers: EndpointAnswer[],
  notes: string[],
): Promise<{ listed: readonly ListedMember[]; isWhole: boolean; grpcProxies: string[] }> {
  const ids = new Set(answers.flatMap(({ memberIds }) => memberIds));
  const faults: string[] = [];
  const grpcProxies: string[] = [];
  let found: readonly ListedMember[] | null = null;
  for (const { endpoint, status, listed } of answers) {
    if (status.isLearner) continue;
    try {
      const members = listed ?? (await client.memberList(endpoint)).members;
      // etcd's grpc-proxy lists itself, without an id.
      if (members.some(({ id }) => id === null)) grpcProxies.push(endpoint);
      if (members.some(({ id }) => id !== null && ids.has(id))) found ??= members;
      else faults.push(`${endpoint} lists members that it does not answer as: it is a proxy`);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  if (found !== null) return { listed: found, isWhole: true, grpcProxies };
  const [fault = "a learner lists none"] = faults;
  notes.push(`The cluster's members could not be listed (${fault}): only those named are known.`);
  return { listed: [], isWhole: false, grpcProxies };
}

async function describeMembers(
  client: ControlClient,
  answers: EndpointAnswer[],
  listed: readonly ListedMember[],
  leaderId: string | null,
  isTls: boolean,
): Promise<TargetMember[]> {
  const namedIds = answers.flatMap(({ memberIds }) => memberIds);
  const ids = [...new Set([...namedIds, ...listed.flatMap(({ id }) => (id === null ? [] : [id]))])];
  return await Promise.all(
    ids.map(async (id) => {
      const member = listed.find((candidate) => candidate.id === id);
      const named = answers.filter(({ memberIds }) => memberIds.includes(id));
      const advertised = advertisedEndpoints(member?.clientUrls ?? [], isTls);
      const status = named[0]?.statusOf.get(id) ?? (await statusAt(client, advertised, id));
      // A proxy before several members comes last: who answers there changes.
      const candidates = [
        ...named.filter(({ memberIds }) => memberIds.length === 1).map(({ endpoint }) => endpoint),
        ...advertised,
        ...named.map(({ endpoint }) => endpoint),
      ];
      return {
        id,
        name: member?.name || id,
        endpoint: candidates[0] ?? "",
        version: status?.version ?? null,
        isLeader: leaderId === null ? null : id === leaderId,
        isLearner: member?.isLearner ?? status?.isLearner ?? null,
        dbSizeBytes: status?.dbSizeBytes ?? null,
        revision: status?.revision ?? null,
        metricsUrls: [...new Set(candidates)].map(
          (candidate) => `${isTls ? "https" : "http"}://${candidate}`,
        ),
      };
    }),
  );
}

/** Of a member that was not named, at the addresses that it advertises; null where none answers. */
export async function statusAt(
  client: ControlClient,
  endpoints: string[],
  id: string,
): Promise<StatusAnswer | null> {
  const asked = await Promise.allSettled(
    endpoints.map((endpoint) => client.status(endpoint, { timeoutMs: 2_000 })),
  );
  for (const answer of asked) {
    if (answer.status === "fulfilled" && answer.value.memberId === id) return answer.value;
  }
  return null;
}

function versionOf(members: TargetMember[], notes: string[]): string | null {
  const versions = new Set(members.flatMap(({ version }) => (version === null ? [] : [version])));
  const text = [...versions].sort().join(", ");
  if (versions.size > 1) notes.push(versionsNote(text));
  return text === "" ? null : text;
}
