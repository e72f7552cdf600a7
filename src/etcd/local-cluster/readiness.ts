/** Waits until a member of a local cluster serves: it is the one that bench started, and healthy. */
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { splitEndpoint } from "../../net/host-port.ts";
import type { PageReader } from "../fetch-page.ts";
import type { MemberProcess } from "./member-process.ts";
import type { OwnProcess } from "./own-process.ts";

const POLL_INTERVAL_MS = 25;
const REQUEST_TIMEOUT_MS = 2_000;

/** A member ended before it served, or did not serve within the bound. */
export class NotReadyError extends Error {
  readonly process: OwnProcess;

  constructor(process: OwnProcess, message: string) {
    super(message);
    this.name = "NotReadyError";
    this.process = process;
  }
}

/**
 * Resolves once the member's own peer port lists all `published` peer endpoints with their client
 * URLs and its client port reports health, which etcd does only where there is a leader.
 */
export async function awaitHealthy(
  member: MemberProcess,
  published: readonly string[],
  deadlineMs: number,
  pages: PageReader,
): Promise<void> {
  await poll(member, deadlineMs, "was not healthy", async () => {
    return (await listsPeers(member, published, pages)) && (await isHealthy(member, pages));
  });
}

/** Resolves once the member answers its peers, which takes no leader. */
export async function awaitListening(
  member: MemberProcess,
  deadlineMs: number,
  pages: PageReader,
): Promise<void> {
  await poll(member, deadlineMs, "did not answer", () => listsPeers(member, [], pages));
}

/** Resolves once a process takes connections at `endpoint`. */
export async function awaitAccepting(
  process: OwnProcess,
  endpoint: string,
  deadlineMs: number,
): Promise<void> {
  await poll(process, deadlineMs, "took no connection", () => takesConnections(endpoint));
}

async function poll(
  member: OwnProcess,
  deadlineMs: number,
  what: string,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const { name } = member;
  const startedAtMs = performance.now();
  for (;;) {
    const ready = await isReady();
    if (member.end !== null) {
      throw new NotReadyError(member, `${name} ended before it served (${member.end})`);
    }
    if (ready) return;
    if (performance.now() > deadlineMs) {
      const seconds = Math.round((deadlineMs - startedAtMs) / 1000);
      throw new NotReadyError(member, `${name} ${what} within ${seconds} s`);
    }
    await delay(POLL_INTERVAL_MS);
  }
}

interface ListedPeer {
  peerURLs?: string[];
  clientURLs?: string[];
}

/**
 * `/members` on the peer port, which etcd serves for members that join. That our own member is in
 * the list shows that no stranger has taken the port since it was found free.
 */
async function listsPeers(
  member: MemberProcess,
  published: readonly string[],
  pages: PageReader,
): Promise<boolean> {
  const { peerEndpoint, peerScheme, listen } = member.settings;
  // Peers ask each other for certificates that clients do not have.
  if (peerScheme === "https") return true;
  const body = await getJson(`http://${listen.peerEndpoint}/members`, pages);
  if (!Array.isArray(body)) return false;
  const listed = body as ListedPeer[];
  const find = (endpoint: string) =>
    listed.find((peer) => peer.peerURLs?.includes(`http://${endpoint}`));
  if (find(peerEndpoint) === undefined) return false;
  return published.every((endpoint) => (find(endpoint)?.clientURLs ?? []).length > 0);
}

async function isHealthy(member: MemberProcess, pages: PageReader): Promise<boolean> {
  const { clientScheme, listen } = member.settings;
  const body = await getJson(`${clientScheme}://${listen.endpoint}/health`, pages);
  return (body as { health?: unknown } | null)?.health === "true";
}

/** Null without an answer in JSON: at start-up that only means `not yet`. */
async function getJson(url: string, pages: PageReader): Promise<unknown> {
  try {
    return JSON.parse(await pages.read(url, { timeoutMs: REQUEST_TIMEOUT_MS }));
  } catch {
    return null;
  }
}

function takesConnections(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(splitEndpoint(endpoint));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
