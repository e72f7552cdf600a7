/**
 * The processes of a cluster that bench started, and what can be done to them, by name: its members,
 * and others such as proxies. Throwaway clusters and those that stay differ in where they keep their
 * files and in what they write down.
 */
import type { Access } from "../../access/access.ts";
import { usageError } from "../../errors.ts";
import type { OwnCluster, OwnMember } from "../../events/definition.ts";
import { PageReader } from "../fetch-page.ts";
import { isDiskFull } from "./disk-room.ts";
import { proxyControls } from "./fault-proxies.ts";
import type { HelperProcess } from "./helper-process.ts";
import { logEnd } from "./log-end.ts";
import { MemberProcess } from "./member-process.ts";
import { Membership } from "./membership.ts";
import type { OwnProcess } from "./own-process.ts";
import { awaitAccepting, awaitHealthy, awaitListening, NotReadyError } from "./readiness.ts";

export interface ClusterMember extends OwnMember {
  readonly metricsUrl: string;
  readonly logPath: string;
}

/** An idle machine needs a second at most; a loaded one with a slow disk may need many. */
export const READY_WITHIN_MS = 60_000;
const KILL_BOUND_MS = 5_000;
/** etcd hands leadership over, and finishes what it writes. */
const STOP_BOUND_MS = 30_000;

const FREE_IT = "free space there, or keep the data on another disk";

export abstract class ClusterMembers implements Omit<OwnCluster, "add" | "remove" | "replace"> {
  abstract readonly name: string | null;
  readonly access: Access;
  protected readonly pages: PageReader;
  #processes: readonly MemberProcess[];
  #members: readonly ClusterMember[];
  #helpers: readonly HelperProcess[] = [];

  constructor(access: Access, processes: readonly MemberProcess[]) {
    this.access = access;
    this.pages = new PageReader(access.tls, false);
    this.#processes = processes;
    this.#members = processes.map(memberView);
  }

  /** Writes down which processes there are; each is to run only after that. */
  protected abstract record(): void;

  get members(): readonly ClusterMember[] {
    return this.#members;
  }

  /** `host:port` of each member, in order. */
  get endpoints(): readonly string[] {
    return this.#members.map(({ endpoint }) => endpoint);
  }

  /** Those that are no members. */
  get helpers(): readonly HelperProcess[] {
    return this.#helpers;
  }

  proxies(member: string): ReturnType<OwnCluster["proxies"]> {
    return proxyControls(this.proxyOf(this.process(member).name));
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

  endOf(name: string): string | null {
    const member = this.process(name);
    if (member.running) return null;
    const log = member.logTail();
    const { dataDir } = member.settings;
    const room = isDiskFull(dataDir, log) ? `, and the disk of ${dataDir} is full: ${FREE_IT}` : "";
    return `${member.end}${room}; its log ends: ${logEnd(log) || "(empty)"}`;
  }

  pause(name: string): void {
    this.anyProcess(name).signal("SIGSTOP");
  }

  resume(name: string): void {
    this.anyProcess(name).signal("SIGCONT");
  }

  async ensureRuns(name: string): Promise<void> {
    if (!this.anyProcess(name).running) await this.restart(name);
  }

  /** What is thrown away needs no record. */
  recordStop(_member: string): void {}

  recordAlarm(_memberId: string): () => void {
    return () => {};
  }

  /** Starts a process on its data, and waits until it answers: healthy where a majority runs. */
  protected async startMember(member: MemberProcess): Promise<void> {
    member.start(() => this.record());
    const running = this.#processes.filter((process) => process.running).length;
    await this.awaitReady(member, running * 2 > this.#processes.length);
  }

  /** @throws BenchError (usage) that shows etcd's log */
  protected async awaitReady(member: MemberProcess, needsHealth: boolean): Promise<void> {
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
    for (const helper of this.#helpers) {
      const { endpoint } = helper.settings;
      if (endpoint !== null) await awaitAccepting(helper, endpoint, deadlineMs);
    }
  }

  protected get processes(): readonly MemberProcess[] {
    return this.#processes;
  }

  /** A member's process, or another one of the cluster. @throws BenchError as `process` */
  protected anyProcess(name: string): OwnProcess {
    return this.#helpers.find((each) => each.name === name) ?? this.process(name);
  }

  protected proxyOf(member: string): HelperProcess | undefined {
    return this.#helpers.find(({ settings }) => settings.faults?.member === member);
  }

  /** What commands may name, of a Procfile the names in it. */
  protected get processNames(): string[] {
    const members = this.#processes.map(({ settings }) => settings.procfile?.name ?? settings.name);
    return [...members, ...this.#helpers.map(({ name }) => name)];
  }

  /** @throws BenchError (usage) where no member has the name */
  protected process(name: string): MemberProcess {
    const member = this.find(name);
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

  protected setProcesses(processes: readonly MemberProcess[]): void {
    this.#processes = processes;
    this.#members = processes.map(memberView);
  }

  protected setHelpers(helpers: readonly HelperProcess[]): void {
    this.#helpers = helpers;
  }

  /** A member of a Procfile has a name there, and one that etcd knows. */
  protected find(name: string): MemberProcess | undefined {
    return this.#processes.find(
      ({ settings }) => settings.name === name || settings.procfile?.name === name,
    );
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
export function memberView(member: MemberProcess): ClusterMember {
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
