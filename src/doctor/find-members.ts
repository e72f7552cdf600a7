/** Finds all members of a cluster, also those that do not answer. */
import { BenchError, usageError } from "../errors.ts";
import { type ControlAccess, ControlClient, ControlError } from "../etcd/control-client.ts";
import type { ListedMember, MemberStatus } from "../etcd/control-messages.ts";
import { askEndpoints, type EndpointAnswer, faultOf } from "../etcd/endpoint-answers.ts";
import { statusAt } from "../etcd/inspect.ts";
import { advertisedEndpoints } from "../etcd/member-urls.ts";

export interface FoundMember {
  /** Its id where it has no name. */
  name: string;
  /** In hex; null: it was named, and does not say who it is. */
  id: string | null;
  /** `host:port` for its clients; null: it advertises none that can be reached. */
  endpoint: string | null;
  status: MemberStatus | null;
  /** Why it does not answer; null: it does. */
  fault: string | null;
}

const TIMEOUT_MS = 3_000;
const NAME_MEMBERS = "name the members' own endpoints";

/**
 * Those that were named first, in that order, then the rest of the cluster.
 * @throws BenchError where no endpoint answers as etcd, or (usage) a proxy answers in place of members
 */
export async function findMembers(
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<FoundMember[]> {
  const asked = await Promise.all(endpoints.map((endpoint) => ask(endpoint, access)));
  const answers = asked.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  if (answers.length === 0) throw faultOf(asked, false);
  refuseGrpcProxies(answers);
  const listed = await listMembers(answers, access);
  refuseSpreading(answers, listed);
  const found = new Map<string, FoundMember>();
  for (const { endpoint, answer, error } of asked) {
    for (const member of membersAt(endpoint, answer, error, listed, access)) {
      const key = member.id ?? endpoint;
      if (!found.has(key)) found.set(key, member);
    }
  }
  const others = listed.filter(({ id }) => id !== null && !found.has(id));
  const client = new ControlClient(endpoints, { timeoutMs: TIMEOUT_MS, access });
  try {
    const rest = await Promise.all(others.map((each) => unnamed(each, client, access)));
    return [...found.values(), ...rest];
  } finally {
    client.close();
  }
}

interface Asked {
  endpoint: string;
  answer: EndpointAnswer | null;
  error: BenchError | null;
}

async function ask(endpoint: string, access: ControlAccess): Promise<Asked> {
  const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS, access });
  try {
    const options = { timeoutMs: TIMEOUT_MS, electionMs: 0, tls: access.tls };
    const [answer] = await askEndpoints(client, options);
    return { endpoint, answer: answer!, error: null };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { endpoint, answer: null, error };
  } finally {
    client.close();
  }
}

/** It lists itself, without an id. */
function refuseGrpcProxies(answers: readonly EndpointAnswer[]): void {
  const isProxy = ({ listed }: EndpointAnswer) => listed?.some(({ id }) => id === null) === true;
  const proxy = answers.find(isProxy);
  if (proxy === undefined) return;
  throw usageError(
    `--endpoints: ${proxy.endpoint} is etcd's grpc-proxy, which answers keep-alives and some reads by ` +
      `itself, and the doctor judges members: ${NAME_MEMBERS}`,
  );
}

/** A proxy before several members is none of them; theirs are known where they are listed. */
function refuseSpreading(
  answers: readonly EndpointAnswer[],
  listed: readonly ListedMember[],
): void {
  const proxy = answers.find(({ memberIds }) => memberIds.length > 1);
  if (proxy === undefined || listed.length > 0) return;
  throw usageError(
    `--endpoints: ${proxy.endpoint} answers as ${proxy.memberIds.length} different members, which it ` +
      `does not list: it is a proxy, and the doctor judges members: ${NAME_MEMBERS}`,
  );
}

/** Empty where none lists them: those that were named are then all that is known. */
async function listMembers(
  answers: readonly EndpointAnswer[],
  access: ControlAccess,
): Promise<ListedMember[]> {
  for (const { endpoint, memberIds, status } of answers) {
    if (status.isLearner) continue;
    const client = new ControlClient([endpoint], { timeoutMs: TIMEOUT_MS, access });
    try {
      const { members } = await client.memberList(endpoint);
      if (members.some(({ id }) => id !== null && memberIds.includes(id))) return members;
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
    } finally {
      client.close();
    }
  }
  return [];
}

/** None where a proxy answers for several, whose own endpoints are listed. */
function membersAt(
  endpoint: string,
  answer: EndpointAnswer | null,
  error: BenchError | null,
  listed: readonly ListedMember[],
  { tls }: ControlAccess,
): FoundMember[] {
  const [id, ...others] = answer?.memberIds ?? [];
  if (others.length > 0) return [];
  if (id !== undefined) {
    const name = listed.find((each) => each.id === id)?.name || id;
    return [{ name, id, endpoint, status: answer!.statusOf.get(id) ?? null, fault: null }];
  }
  const member = listed.find(({ clientUrls }) => {
    return advertisedEndpoints(clientUrls, tls !== null).includes(endpoint);
  });
  return [
    {
      name: member?.name || member?.id || endpoint,
      id: member?.id ?? null,
      ...{ endpoint, status: answer?.status ?? null, fault: error && faultWords(error, endpoint) },
    },
  ];
}

/** Without the flag: the endpoint may be named by --cluster, or not at all. */
function faultWords({ message }: BenchError, endpoint: string): string {
  const flag = `--endpoints ${endpoint}: `;
  return message.startsWith(flag) ? message.slice(flag.length) : message;
}

async function unnamed(
  { id, name, clientUrls }: ListedMember,
  client: ControlClient,
  { tls }: ControlAccess,
): Promise<FoundMember> {
  const advertised = advertisedEndpoints(clientUrls, tls !== null);
  const status = await statusAt(client, advertised, id!);
  const endpoint = advertised[0] ?? null;
  const fault =
    status !== null
      ? null
      : endpoint === null
        ? "it has not started, or advertises no client URL that can be reached"
        : `Status is not answered at ${advertised.join(" or ")}`;
  return { name: name || id!, id, endpoint, status, fault };
}
