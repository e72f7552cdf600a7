/**
 * The members of a cluster that bench started, and what can be done to them, by name. Throwaway
 * clusters and those that stay differ in where they keep their files and in what they write down.
 */
import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Access } from "../../access/access.ts";
import { usageError } from "../../errors.ts";
import type { OwnCluster, OwnMember } from "../../events/definition.ts";
import { PageReader } from "../fetch-page.ts";
import { logEnd } from "./log-end.ts";
import { MemberProcess, type MemberSettings } from "./member-process.ts";
import { Membership } from "./membership.ts";
import type { OwnProcess } from "./own-process.ts";
import { awaitHealthy, awaitListening, NotReadyError } from "./readiness.ts";

export interface ClusterMember extends OwnMember {
  readonly metricsUrl: string;
  readonly logPath: string;
}

/** An idle machine needs a second at most; a loaded one with a slow disk may need many. */
export const READY_WITHIN_MS = 60_000;
const KILL_BOUND_MS = 5_000;
/** etcd hands leadership over, and finishes what it writes. */
const STOP_BOUND_MS = 30_000;
/** A member that was removed ends by itself once it has heard of it. */
const REMOVED_END_MS = 2_000;

export abstract class ClusterMembers implements OwnCluster {
  abstract readonly name: string | null;
  readonly access: Access;
  protected readonly pages: PageReader;
  #processes: readonly MemberProcess[];
  /** By name, members that this process has removed. */
  readonly #removed = new Map<string, MemberSettings>();
  #members: readonly ClusterMember[];

  constructor(access: Access, processes: readonly MemberProcess[]) {
    this.access = access;
    this.pages = new PageReader(access.tls, false);
    this.#processes = processes;
    this.#members = processes.map(memberView);
  }

  /** Writes down which processes there are; each is to run only after that. */
  protected abstract record(): void;

  /** Where a new member is to be, without its part in the membership. */
  protected abstract placeFor(name: string): Promise<MemberSettings>;

  get members(): readonly ClusterMember[] {
    return this.#members;
  }

  /** `host:port` of each member, in order. */
  get endpoints(): readonly string[] {
    return this.#members.map(({ endpoint }) => endpoint);
  }

  proxies(_member: string): ReturnType<OwnCluster["proxies"]> {
    return null;
  }

  async kill(name: string): Promise<void> {
    await end(this.anyProcess(name), "SIGKILL", KILL_BOUND_MS);
  }

  async stop(name: string): Promise<void> {
    const process = this.anyProcess(name);
    // A paused process takes no SIGINT until it is resumed.
    process.signal("SIGCONT");
    await end(process, "SIGINT", STOP_BOUND_MS);
  }

  async restart(name: string): Promise<void> {
    const process = this.anyProcess(name);
    if (process.running) await this.stop(name);
    if (process instanceof MemberProcess) await this.startMember(process);
    else process.start(() => this.record());
  }

  pause(name: string): void {
    this.anyProcess(name).signal("SIGSTOP");
  }

  resume(name: string): void {
    this.anyProcess(name).signal("SIGCONT");
  }

  /** What is thrown away needs no record. */
  recordStop(_member: string): void {}

  async add({ name, isLearner = false }: { name?: string; isLearner?: boolean } = {}) {
    const free = name ?? this.#freeName();
    if (this.#find(free) !== undefined) {
      throw usageError(`${free} is a member already; give another name, or none`);
    }
    const place = await this.placeFor(free);
    // One that comes back has the addresses that its clients know.
    const before = this.#removed.get(free);
    const { dataDir } = place;
    return await this.#addAt(before === undefined ? place : { ...before, dataDir }, isLearner);
  }

  async remove(name: string): Promise<void> {
    await this.#remove(name);
  }

  async replace(name: string): Promise<void> {
    // On the data folder of its Procfile it would start on the data of before.
    // A registry knows of the members that began the cluster alone.
    const {
      procfile: _,
      isDataFound: __,
      discovery: ___,
      ...settings
    } = this.process(name).settings;
    const { isLearner, index } = await this.#remove(name);
    const { dataDir } = await this.placeFor(name);
    await this.#addAt({ ...settings, dataDir }, isLearner, index);
  }

  async #remove(name: string): Promise<{ isLearner: boolean; index: number }> {
    const member = this.process(name);
    const others = this.#processes.filter((each) => each !== member);
    if (others.length === 0) {
      throw usageError(`${name} is the only member of the cluster: it cannot be removed`);
    }
    const membership = this.membershipBut(member);
    const listed = (await membership.members()).find(({ peerUrls }) =>
      peerUrls.includes(`http://${member.settings.peerEndpoint}`),
    );
    if (listed?.id) await membership.remove(name, listed.id);
    member.signal("SIGCONT");
    if (!(await member.awaitEnd(REMOVED_END_MS))) await this.kill(name);
    const index = this.#processes.indexOf(member);
    this.#removed.set(name, member.settings);
    this.setProcesses(others);
    this.record();
    if (member.settings.isDataFound !== true)
      rmSync(member.settings.dataDir, { recursive: true, force: true, maxRetries: 20 });
    return { isLearner: listed?.isLearner ?? false, index };
  }

  /** Starts a process on its data, and waits until it answers: healthy where a majority runs. */
  protected async startMember(member: MemberProcess): Promise<void> {
    member.start(() => this.record());
    const running = this.#processes.filter((process) => process.running).length;
    await this.#awaitReady(member, running * 2 > this.#processes.length);
  }

  /** @throws BenchError (usage) that shows etcd's log */
  async #awaitReady(member: MemberProcess, needsHealth: boolean): Promise<void> {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    try {
      if (!needsHealth) await awaitListening(member, deadlineMs, this.pages);
      else await awaitHealthy(member, [member.settings.peerEndpoint], deadlineMs, this.pages);
    } catch (error) {
      if (!(error instanceof NotReadyError)) throw error;
      const end = logEnd(member.logTail()) || "(empty)";
      throw usageError(`${error.message}; its log ends: ${end}`, error);
    }
  }

  async awaitAllHealthy(boundMs: number): Promise<void> {
    const deadlineMs = performance.now() + boundMs;
    const peers = this.#members.map((member) => member.peerEndpoint);
    await Promise.all(
      this.#processes.map((member) => awaitHealthy(member, peers, deadlineMs, this.pages)),
    );
  }

  protected get processes(): readonly MemberProcess[] {
    return this.#processes;
  }

  /** A member's process, or another one of the cluster. @throws BenchError as `process` */
  protected anyProcess(name: string): OwnProcess {
    return this.process(name);
  }

  /** What commands may name, of a Procfile the names in it. */
  protected get processNames(): string[] {
    return this.#processes.map(({ settings }) => settings.procfile?.name ?? settings.name);
  }

  /** @throws BenchError (usage) where no member has the name */
  protected process(name: string): MemberProcess {
    const member = this.#find(name);
    if (member !== undefined) return member;
    const known = this.processNames.join(", ");
    throw usageError(`${JSON.stringify(name)} is no member of the cluster; give one of ${known}`);
  }

  /** Asks the members that run, past their proxies. @throws BenchError where none runs */
  protected membershipBut(left: MemberProcess | null): Membership {
    const asked = this.#processes.filter((member) => member.running && member !== left);
    if (asked.length === 0) throw usageError("no member of the cluster runs; restart one first");
    return new Membership(
      asked.map(({ settings }) => settings.listen.endpoint),
      this.access,
    );
  }

  /** @param index its place in the list of members */
  async #addAt(
    place: MemberSettings,
    isLearner: boolean,
    index = this.#processes.length,
  ): Promise<ClusterMember> {
    const { name, peerEndpoint, listen } = place;
    const membership = this.membershipBut(null);
    const { id, initialCluster } = await membership.add({ name, peerEndpoint, isLearner });
    // etcd wants its data folder to be its own alone and warns of any other mode.
    mkdirSync(place.dataDir, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(place.logPath), { recursive: true });
    const member = new MemberProcess({ ...place, initialCluster, initialState: "existing" });
    const before = this.#processes;
    this.setProcesses(before.toSpliced(index, 0, member));
    try {
      member.start(() => this.record());
      await this.#awaitReady(member, !isLearner);
      await membership.checkSameCluster(name, listen.endpoint);
    } catch (error) {
      // Registered without a process, it would count against the majority for ever.
      await membership.remove(name, id);
      await this.kill(name);
      this.setProcesses(before);
      this.record();
      throw error;
    }
    return this.#members[index]!;
  }

  protected setProcesses(processes: readonly MemberProcess[]): void {
    this.#processes = processes;
    this.#members = processes.map(memberView);
  }

  /** A member of a Procfile has a name there, and one that etcd knows. */
  #find(name: string): MemberProcess | undefined {
    return this.#processes.find(
      ({ settings }) => settings.name === name || settings.procfile?.name === name,
    );
  }

  #freeName(): string {
    for (let number = this.#processes.length + 1; ; number++) {
      const name = `etcd${number}`;
      if (this.#find(name) === undefined) return name;
    }
  }
}

async function end(process: OwnProcess, name: NodeJS.Signals, boundMs: number): Promise<void> {
  process.signal(name);
  if (await process.awaitEnd(boundMs)) return;
  throw usageError(
    `${process.name} (pid ${process.pid}) does not end on ${name} within ${boundMs / 1000} s; see its log`,
  );
}

/** What callers see of a member: facts that stay, and the two that change with a restart. */
function memberView(member: MemberProcess): ClusterMember {
  const { name, endpoint, peerEndpoint, clientScheme, logPath, dataDir, listen } = member.settings;
  return {
    name,
    endpoint,
    peerEndpoint,
    logPath,
    dataDir,
    metricsUrl: `${clientScheme}://${listen.endpoint}/metrics`,
    get pid() {
      return member.pid;
    },
    get running() {
      return member.running;
    },
  };
}
