/** Asks each named endpoint the first questions: whether it speaks HTTP/2, and its Status. */
import { status as statusCodes } from "@grpc/grpc-js";
import { BenchError, unreachableError, usageError } from "../errors.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import { type ControlClient, ControlError } from "./control-client.ts";
import type { ListedMember, MemberStatus } from "./control-messages.ts";
import { statusFromMetrics } from "./denied-status.ts";
import { advertisedEndpoints } from "./member-urls.ts";
import { NoAnswerError, probeEndpoint } from "./probe.ts";
import { gatewayFix, gatewayWords } from "./set-up-failure.ts";
import { isFinalRefusal } from "./token-source.ts";

export type StatusAnswer = MemberStatus;

export interface EndpointAnswer {
  endpoint: string;
  /** The first answer. */
  status: MemberStatus;
  /** The members that answered here: several where a proxy spreads the calls. */
  memberIds: string[];
  statusOf: Map<string, MemberStatus>;
  /** As listed by the endpoint; null: it did not list them. */
  listed: readonly ListedMember[] | null;
  /** This user may not ask for Status, and nothing else tells who leads. */
  leaderIsUnknown: boolean;
}

/** Of two calls each: enough to see a proxy that takes its members in turn, by call or connection. */
const CONNECTIONS = 3;
/** Read to see that reads are allowed; hardly any application has this key. */
const ABSENT_KEY = Buffer.from([0]);
const ELECTION_POLL_MS = 200;

export interface EndpointFault {
  endpoint: string;
  error: unknown;
}

interface AskOptions {
  /** Of each probe. */
  timeoutMs: number;
  electionMs: number;
  tls: TlsMaterial | null;
  /** Of those that answer, which cannot serve what is to be done; asked where another one is at fault. */
  refused?: (answers: readonly EndpointAnswer[]) => EndpointFault[];
}

/**
 * @param electionMs how long to ask again while an endpoint knows of no leader
 * @returns in the order named
 * @throws BenchError naming the endpoint that does not answer as etcd
 */
export async function askEndpoints(
  client: ControlClient,
  { timeoutMs, electionMs, tls, refused = () => [] }: AskOptions,
): Promise<EndpointAnswer[]> {
  const asked = await Promise.allSettled(
    client.endpoints.map(async (endpoint) => {
      await probeEndpoint(endpoint, timeoutMs, "--endpoints", tls);
      return await askEndpoint(client, endpoint, { timeoutMs, electionMs, tls });
    }),
  );
  const listed = asked.flatMap((each) =>
    each.status === "fulfilled" ? (each.value.listed ?? []) : [],
  );
  const answers: EndpointAnswer[] = [];
  const faults: EndpointFault[] = [];
  for (const [i, answer] of asked.entries()) {
    const endpoint = client.endpoints[i]!;
    const error =
      answer.status === "rejected"
        ? answer.reason
        : peerPortFault(endpoint, listed, { isTls: tls !== null });
    if (error !== null) faults.push({ endpoint, error });
    else if (answer.status === "fulfilled") answers.push(answer.value);
  }
  if (faults.length > 0) {
    const unfit = refused(answers);
    throw faultOf([...faults, ...unfit], unfit.length < answers.length);
  }
  return answers;
}

async function askEndpoint(
  client: ControlClient,
  endpoint: string,
  { timeoutMs, electionMs, tls }: AskOptions,
): Promise<EndpointAnswer> {
  try {
    await checkLetIn(client, endpoint);
    return await askStatus(client, endpoint, electionMs);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const isDenied = error.code === statusCodes.PERMISSION_DENIED && error.gateway === null;
    if (error.method !== "Status" || !isDenied) {
      throw callFault(error);
    }
    const { status, leaderIsUnknown } = await statusFromMetrics(endpoint, timeoutMs, tls);
    const { memberId } = status;
    const known: [string, MemberStatus][] = memberId === null ? [] : [[memberId, status]];
    const statusOf = new Map(known);
    const memberIds = [...statusOf.keys()];
    return { endpoint, status, memberIds, statusOf, listed: null, leaderIsUnknown };
  }
}

async function askStatus(
  client: ControlClient,
  endpoint: string,
  electionMs: number,
): Promise<EndpointAnswer> {
  const until = performance.now() + electionMs;
  let { statuses, listed } = await askOften(client, endpoint);
  while (statuses.every(({ leaderId }) => leaderId === null) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, ELECTION_POLL_MS));
    ({ statuses, listed } = await askOften(client, endpoint));
  }
  const statusOf = new Map<string, MemberStatus>();
  for (const status of statuses) {
    if (status.memberId !== null) statusOf.set(status.memberId, status);
  }
  const memberIds = [...statusOf.keys()];
  return { endpoint, status: statuses[0]!, memberIds, statusOf, listed, leaderIsUnknown: false };
}

/** Up to 3.5 the peer port answers gRPC too, past what the client port counts and limits. */
function peerPortFault(
  endpoint: string,
  listed: readonly ListedMember[],
  { isTls }: { isTls: boolean },
): BenchError | null {
  const member = listed.find(({ peerUrls }) =>
    advertisedEndpoints(peerUrls, isTls).includes(endpoint),
  );
  if (member === undefined) return null;
  const clientUrls = advertisedEndpoints(member.clientUrls, isTls);
  if (clientUrls.includes(endpoint)) return null;
  const fix = `name its client port${clientUrls[0] === undefined ? "" : `, ${clientUrls[0]}`}`;
  return usageError(`--endpoints ${endpoint} is where ${member.name} talks to its peers: ${fix}`);
}

/** Once where the cluster has one member alone: whatever is before it leads to no other. */
async function askOften(
  client: ControlClient,
  endpoint: string,
): Promise<{ statuses: MemberStatus[]; listed: readonly ListedMember[] | null }> {
  const status = await client.status(endpoint);
  const listed = await listedAt(client, endpoint);
  if (listed?.length === 1 && listed[0]!.id !== null && listed[0]!.id === status.memberId) {
    return { statuses: [status], listed };
  }
  const siblings = Array.from({ length: CONNECTIONS - 1 }, () => client.sibling());
  const further = await Promise.all([
    client.status(endpoint),
    ...siblings.map(async (sibling) => {
      try {
        return [await sibling.status(endpoint), await sibling.status(endpoint)];
      } finally {
        sibling.close();
      }
    }),
  ]);
  return { statuses: [status, ...further.flat()], listed };
}

async function listedAt(client: ControlClient, endpoint: string): Promise<ListedMember[] | null> {
  try {
    return (await client.memberList(endpoint)).members;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return null;
  }
}

/** Status is open to all in older etcds; a read tells whether etcd wants a user, and whether this one is known. */
async function checkLetIn(client: ControlClient, endpoint: string): Promise<void> {
  try {
    await client.range({ key: ABSENT_KEY, serializable: true }, { endpoint });
  } catch (error) {
    // A user whom etcd knows, and who may have the run's keys without having this one.
    const isKnown = error instanceof ControlError && error.code === statusCodes.PERMISSION_DENIED;
    if (!isKnown || error.gateway !== null) throw error;
  }
}

export function callFault(error: ControlError): BenchError {
  const at = `--endpoints ${error.endpoint}`;
  const words = `${error.codeName}: ${error.details}`;
  if (error.gateway !== null) {
    const words = gatewayWords(error, error.gateway);
    return unreachableError(`${at}: ${words}: ${gatewayFix(error)}`, error);
  }
  if (error.method === "Authenticate" && isFinalRefusal(error)) {
    return usageError(
      `--user: etcd at ${error.endpoint} does not take this name and password (${error.details}): correct --user, ETCDCTL_USER or ETCDCTL_PASSWORD`,
      error,
    );
  }
  // A certificate whose common name is no user's.
  const isUnknownUser = error.details.includes("user name not found");
  switch (isUnknownUser ? statusCodes.UNAUTHENTICATED : error.code) {
    case statusCodes.UNIMPLEMENTED:
      return unreachableError(
        `${at}: it speaks HTTP/2, but is no etcd client port (${words}): name etcd's client port`,
        error,
      );
    case statusCodes.UNAUTHENTICATED:
    case statusCodes.PERMISSION_DENIED:
    case statusCodes.INVALID_ARGUMENT:
      return usageError(
        `${at}: etcd asks for a user (${words}): give --user=NAME, or a client certificate of one`,
        error,
      );
    case statusCodes.DEADLINE_EXCEEDED:
      return new NoAnswerError(
        `${at}: it speaks HTTP/2, but ${error.method} got no answer in time: is etcd frozen there?`,
        error,
      );
    default:
      return unreachableError(
        `${at}: it speaks HTTP/2, but does not answer ${error.method} (${words}): is it etcd, and is it up?`,
        error,
      );
  }
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}

/** The first endpoint's fault, and what to do where others are well. */
export function faultOf(faults: readonly EndpointFault[], othersAnswer: boolean): unknown {
  const [first, ...more] = faults;
  const { error } = first!;
  if (!(error instanceof BenchError)) return error;
  const isSilent = (fault: unknown) =>
    !(fault instanceof BenchError) || fault instanceof NoAnswerError;
  const silent = more.filter((each) => isSilent(each.error)).map(({ endpoint }) => endpoint);
  const neither = isSilent(error) ? "nor does" : "no answer comes from";
  const answer = isSilent(error) ? " answer" : "";
  // One that answers and refuses says why by itself.
  const refusals = more
    .filter((each) => !isSilent(each.error))
    .map((each) => messageOf(each.error));
  const also = [
    ...(silent.length === 0 ? [] : [`; ${neither} ${silent.join(", ")}${answer}`]),
    ...refusals.map((message) => `; ${message}`),
  ].join("");
  const fix = othersAnswer ? "; or leave it out of --endpoints: others answer" : "";
  return new BenchError(`${error.message}${also}${fix}`, error.exitCode, { cause: error });
}
