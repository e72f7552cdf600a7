/**
 * Looks at the cluster again while a run goes on, and once more at its end: who leads, which cluster
 * and members answer, and whether the revision has gone back. Runs on the main thread, asks each
 * endpoint for its Status every few seconds, one that became silent more often, and never fails a run.
 */

import type { TargetChange } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";
import { type ControlAccess, ControlClient, ControlError } from "./control-client.ts";
import type { ListedMember, MemberStatus } from "./control-messages.ts";
import type { TargetInfo } from "./inspect.ts";
import { RepeatedLook } from "./repeated-look.ts";

const LOOK_EVERY_MS = 2_000;
const CALL_MS = 2_000;
/** The last look may take so long, however many members are silent. */
const LAST_LOOK_MS = 2 * CALL_MS;

export type TargetClient = Pick<
  ControlClient,
  "status" | "memberList" | "clusterRevision" | "close"
>;

export interface TargetWatchOptions {
  target: Pick<TargetInfo, "endpoints" | "clusterId" | "members" | "isWhole">;
  /** Those that the cluster had when the run before ended; absent or null: not known. */
  before?: KnownMembers | null;
  /** The load goes to the leader alone, so that a leader that moves away is a fault. */
  leaderOnly: boolean;
  /** That is read for the revision in the answer. */
  key: Buffer;
  access?: ControlAccess;
  /** The latest event of the plan that may have moved the leader, in words; null: there was none. */
  leaderCause?: () => string | null;
  everyMs?: number;
  lastLookMs?: number;
  client?: TargetClient;
}

/** The members of a cluster at some time: their names by their ids. */
export type KnownMembers = ReadonlyMap<string, string>;

interface SeenChange extends Omit<TargetChange, "atSeconds"> {
  /** Of this thread's performance.now(). */
  atMs: number;
}

export class TargetWatch {
  readonly #options: TargetWatchOptions;
  /** Of all endpoints that are looked at; others may use it until `close`. */
  readonly client: TargetClient;
  readonly #endpoints: readonly string[];
  readonly #changes: SeenChange[] = [];
  readonly #names = new Map<string, string>();
  readonly #versions = new Map<string, string>();
  readonly #learners = new Set<string>();
  /** By member, the highest that it has told. */
  readonly #revisions = new Map<string, number>();
  /** By member, the highest index of its log that it has told to be committed. */
  readonly #raftIndexes = new Map<string, number>();
  readonly #foreignClusters = new Set<string>();
  /** Endpoints that have answered. */
  readonly #answering = new Set<string>();
  /** Null until a list was read. */
  #listed: Set<string> | null = null;
  #leaderId: string | null;
  #leaderTerm = 0;
  #wentBack = false;
  /** Apart, so that a silent endpoint delays no look at another; empty before the start. */
  #looks: readonly RepeatedLook[] = [];

  constructor(options: TargetWatchOptions) {
    this.#options = options;
    const { endpoints, members, isWhole = false } = options.target;
    this.#endpoints = [
      ...new Set([...endpoints, ...members.map(({ endpoint }) => endpoint)]),
    ].filter((endpoint) => endpoint !== "");
    this.client =
      options.client ??
      new ControlClient(this.#endpoints, { timeoutMs: CALL_MS, access: options.access });
    for (const { id, name, version, isLearner, endpoint, revision = null } of members) {
      this.#names.set(id, name);
      if (revision !== null) {
        this.#revisions.set(id, revision);
        this.#answering.add(endpoint);
      }
      if (version !== null) this.#versions.set(id, version);
      if (isLearner) this.#learners.add(id);
    }
    this.#leaderId = members.find(({ isLeader }) => isLeader)?.id ?? null;
    if (isWhole) this.#knowFromBefore(options.before ?? null);
  }

  /** The members as they were seen last; null: they could not be listed. */
  get members(): KnownMembers | null {
    if (this.#listed === null) return null;
    return new Map([...this.#listed].map((id) => [id, this.#nameOf(id)]));
  }

  /** A target of which no cluster is known is no etcd that could change. */
  start(): void {
    if (this.#options.target.clusterId === null) return;
    const everyMs = this.#options.everyMs ?? LOOK_EVERY_MS;
    this.#looks = [
      ...this.#endpoints.map((each) => new RepeatedLook(() => this.#lookAt(each), everyMs)),
      new RepeatedLook(() => this.#lookAtMembers().then(() => true), everyMs),
    ];
    for (const look of this.#looks) void look.start();
  }

  /** Looks a last time. Times count from `originMs`, of this thread's performance.now(). */
  async stop(originMs: number): Promise<TargetChange[]> {
    if (this.#looks.length > 0) {
      const lastLookMs = this.#options.lastLookMs ?? LAST_LOOK_MS;
      const isOver = new AbortController();
      const limit = setTimeout(() => isOver.abort(), lastLookMs);
      const last = Promise.all(this.#looks.map((look) => look.stop(isOver.signal)));
      await Promise.race([last, once(isOver.signal)]);
      clearTimeout(limit);
    }
    return this.#changes.map(({ atMs, ...change }) => {
      return { ...change, atSeconds: Math.round(atMs - originMs) / 1000 };
    });
  }

  /** Ends calls that are under way. */
  close(): void {
    this.client.close();
  }

  /** False: it has answered in this run, and does not now, as while its member is restarted. */
  async #lookAt(endpoint: string): Promise<boolean> {
    const status = await answered(this.client.status(endpoint, { timeoutMs: CALL_MS }));
    // Down, or not for this user to see: the requests themselves tell of the first.
    if (status === null) return !this.#answering.has(endpoint);
    this.#answering.add(endpoint);
    this.#compareCluster(endpoint, status);
    this.#compareLeader(status);
    this.#compareMember(status);
    await this.#compareHistory(endpoint, status);
    return true;
  }

  #compareCluster(endpoint: string, { clusterId }: MemberStatus): void {
    const before = this.#options.target.clusterId;
    if (clusterId === null || clusterId === before || this.#foreignClusters.has(clusterId)) return;
    this.#foreignClusters.add(clusterId);
    this.#note(
      "cluster",
      true,
      `${endpoint} belongs to the cluster ${clusterId}, and belonged to ${before} when the run ` +
        "began: etcd was replaced during the run",
    );
  }

  #compareLeader({ leaderId, raftTerm }: MemberStatus): void {
    // A member that was cut off may still name the leader of an earlier term.
    if (leaderId === null || raftTerm < this.#leaderTerm) return;
    this.#leaderTerm = raftTerm;
    const before = this.#leaderId;
    this.#leaderId = leaderId;
    if (before === null || before === leaderId) return;
    const { leaderOnly, target, leaderCause } = this.#options;
    const cause = leaderCause?.() ?? null;
    const moved =
      `the leader moved from ${this.#nameOf(before)} to ${this.#nameOf(leaderId)}` +
      (cause === null ? "" : `, after the ${cause} that was asked for`);
    this.#note(
      "leader",
      leaderOnly && cause === null,
      leaderOnly
        ? `${moved}, and the load of --target-leader went on to ${target.endpoints.join(", ")}`
        : moved,
    );
  }

  #compareMember({ memberId, version, isLearner }: MemberStatus): void {
    if (memberId === null) return;
    const before = this.#versions.get(memberId);
    this.#versions.set(memberId, version);
    if (before !== undefined && before !== version) {
      this.#note(
        "version",
        false,
        `${this.#nameOf(memberId)} ran ${before} and runs ${version} since`,
      );
    }
    if (this.#learners.has(memberId) && !isLearner) {
      this.#learners.delete(memberId);
      this.#note("member", false, `the learner ${this.#nameOf(memberId)} became a voting member`);
    }
  }

  /**
   * The index of the log tells of an etcd without keys, too. A restarted member may tell less than before
   * until it has the log of the others, so it is asked again, after a linearizable read, which waits for
   * the log.
   */
  async #compareHistory(endpoint: string, status: MemberStatus): Promise<void> {
    const { memberId, revision, raftIndex } = status;
    if (memberId === null || this.#wentBack) return;
    const highest = raise(this.#revisions, memberId, revision);
    const highestIndex = raise(this.#raftIndexes, memberId, raftIndex);
    if (revision >= highest && raftIndex >= highestIndex) return;
    const options = { endpoint, timeoutMs: CALL_MS };
    const now = await answered(this.client.clusterRevision(this.#options.key, options));
    if (now === null) return;
    if (now < highest) {
      this.#noteHistory(`the revision of ${endpoint}`, highest, now);
      return;
    }
    const again = await answered(this.client.status(endpoint, options));
    if (again === null || again.memberId !== memberId || again.raftIndex >= highestIndex) return;
    this.#noteHistory(`the raft index of ${endpoint}`, highestIndex, again.raftIndex);
  }

  #noteHistory(what: string, before: number, now: number): void {
    if (this.#wentBack) return;
    this.#wentBack = true;
    const text = `${what} went back from ${before} to ${now}: etcd was emptied or restored during the run`;
    this.#note("revision", true, text);
  }

  /** From the first endpoint that answers. */
  async #lookAtMembers(): Promise<void> {
    for (const endpoint of this.#endpoints) {
      const list = await answered(this.client.memberList(endpoint, { timeoutMs: CALL_MS }));
      if (list === null) continue;
      // Where the members of another cluster answer, its id has told so.
      if (list.clusterId === this.#options.target.clusterId) this.#compareMembers(list.members);
      return;
    }
  }

  /** What joined or left between the end of the run before and the look at the target of this one. */
  #knowFromBefore(before: KnownMembers | null): void {
    const { members } = this.#options.target;
    for (const [id, name] of before ?? []) if (!this.#names.has(id)) this.#names.set(id, name);
    this.#listed = before && new Set(before.keys());
    this.#compareMembers(
      members.map(({ id, name, isLearner }) => ({ id, name, isLearner: isLearner === true })),
    );
  }

  #compareMembers(members: readonly Pick<ListedMember, "id" | "name" | "isLearner">[]): void {
    const before = this.#listed;
    const known = members.filter((member) => member.id !== null);
    this.#listed = new Set(known.map(({ id }) => id!));
    for (const { id, name } of known) if (name !== "") this.#names.set(id!, name);
    if (before === null) return;
    const count = `${formatNoun(known.length, "member")} since`;
    for (const { id, isLearner } of known) {
      if (before.has(id!)) continue;
      if (isLearner) this.#learners.add(id!);
      const who = `${isLearner ? "the learner " : ""}${this.#nameOf(id!)}`;
      this.#note("member", false, `${who} joined the cluster, which has ${count}`);
    }
    for (const id of before) {
      if (this.#listed.has(id)) continue;
      this.#note(
        "member",
        false,
        `${this.#nameOf(id)} was removed from the cluster, which has ${count}`,
      );
    }
  }

  #nameOf(id: string): string {
    return this.#names.get(id) || id;
  }

  #note(kind: TargetChange["kind"], isFault: boolean, text: string): void {
    this.#changes.push({ kind, isFault, text, atMs: performance.now() });
  }
}

/** Raises what is known of the member to `figure`. @returns what was known before */
function raise(known: Map<string, number>, memberId: string, figure: number): number {
  const before = known.get(memberId) ?? 0;
  known.set(memberId, Math.max(before, figure));
  return before;
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Null where etcd did not answer, or refused to. */
async function answered<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ControlError) return null;
    throw error;
  }
}
