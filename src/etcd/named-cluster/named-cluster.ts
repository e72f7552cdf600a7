/**
 * A cluster that stays after the command that started it: its processes run on, and its state file
 * tells the next command about them.
 */
import { rmSync } from "node:fs";
import { flagError, usageError } from "../../errors.ts";
import type { AddOptions, OwnCluster, RemoveOptions } from "../../events/definition.ts";
import { clearAll } from "../../events/network.ts";
import { makeFolders } from "../../make-folders.ts";
import type { FaultDirection, FaultKind } from "../../proxy/network-fault.ts";
import { ChangingMembers, type MemberMark } from "../local-cluster/changing-members.ts";
import { endWithProcess } from "../local-cluster/exit-cleanup.ts";
import type { MemberProcess } from "../local-cluster/member-process.ts";
import { endGently, endKeepingData, type OwnProcess } from "../local-cluster/own-process.ts";
import type { Placement } from "../local-cluster/placement.ts";
import { awaitEndSync } from "../local-cluster/process-identity.ts";
import { withClusterLock } from "./cluster-lock.ts";
import { clusterFolder, clusterNames, emptyClusterFolder } from "./clusters-folder.ts";
import { releaseDataFolder } from "./data-folder.ts";
import { FaultMarks } from "./fault-records.ts";
import { recordedProxies } from "./recorded-proxy.ts";
import {
  accessOf,
  helpersOf,
  membersOf,
  type NewCluster,
  newState,
  placementOf,
} from "./saved-cluster.ts";
import { type ClusterState, readState, writeState } from "./state-file.ts";

const KILL_BOUND_MS = 5_000;

export class NamedCluster extends ChangingMembers {
  readonly name: string;
  readonly folder: string;
  #state: ClusterState;
  /** The caller has the cluster's lock. */
  readonly #isLocked: boolean;
  /** Resolves when the last change of this process is over. */
  #lastChange: Promise<unknown> = Promise.resolve();
  readonly #faults: FaultMarks;
  /** Until it is called, the cluster ends with this process. */
  #letGo = () => {};

  /** @param flag the one that gives the name @throws BenchError (usage) where there is none of it */
  static open(name: string, env: NodeJS.ProcessEnv, flag = "name"): NamedCluster {
    const cluster = NamedCluster.at(clusterFolder(name, env));
    if (cluster !== null) return cluster;
    const known = clusterNames(env).filter((each) => each !== name);
    const fix =
      known.length === 0 ? "start one with bench cluster start" : `give ${known.join(" or ")}`;
    throw flagError(flag, `there is no cluster ${name}: ${fix}`);
  }

  /** Null where the folder has none. */
  static at(folder: string, { isLocked = false } = {}): NamedCluster | null {
    const state = readState(folder);
    return state === null ? null : new NamedCluster(folder, state, isLocked);
  }

  /** Writes down a new cluster, and starts its processes; until it is ready they end with this one. */
  static async start(folder: string, fresh: NewCluster): Promise<NamedCluster> {
    const state = newState(fresh);
    writeState(folder, state);
    const cluster = new NamedCluster(folder, state, false);
    cluster.#letGo = endWithProcess(() => cluster.#endSync());
    await cluster.startAll();
    return cluster;
  }

  private constructor(folder: string, state: ClusterState, isLocked: boolean) {
    super(accessOf(state), membersOf(state));
    this.name = state.name;
    this.folder = folder;
    this.#state = state;
    this.#isLocked = isLocked;
    this.setHelpers(helpersOf(state));
    this.#faults = new FaultMarks(folder);
  }

  get state(): ClusterState {
    return this.#state;
  }

  /** Members first. */
  get allProcesses(): readonly OwnProcess[] {
    return [...this.processes, ...this.helpers];
  }

  get memberProcesses(): readonly MemberProcess[] {
    return this.processes;
  }

  /** `http(s)://host:port` past the proxies, so that a fault hides no figure; null: the endpoints. */
  get metricsEndpoints(): readonly string[] | null {
    if (!this.#state.isProxied) return null;
    return this.processes.map(({ settings: { clientScheme, listen } }) => {
      return `${clientScheme}://${listen.endpoint}`;
    });
  }

  /** Starts what does not run, without waiting until it answers. */
  async startAll(): Promise<void> {
    for (const each of this.helpers) {
      if (!each.running) each.start(() => this.record());
    }
    for (const member of this.processes) {
      if (member.running) continue;
      // etcd wants its data folder to be its own alone and warns of any other mode.
      makeFolders(member.settings.dataDir, 0o700);
      member.start(() => this.record());
    }
  }

  /** All members have been healthy. */
  markReady(): void {
    this.#letGo();
    this.#state = { ...this.#state, isReady: true };
    this.record();
  }

  override async restart(name: string): Promise<void> {
    await this.#change(() => super.restart(name));
    this.#faults.clear({ kind: "stop", member: name });
  }

  override async ensureRuns(name: string): Promise<void> {
    await super.ensureRuns(name);
    this.#faults.clear({ kind: "stop", member: name });
  }

  override add(options: AddOptions = {}) {
    return this.#change(() => super.add(options));
  }

  override remove(name: string, options: RemoveOptions = {}): Promise<void> {
    return this.#change(() => super.remove(name, options));
  }

  override replace(name: string): Promise<void> {
    return this.#change(() => super.replace(name));
  }

  override proxies(member: string): ReturnType<OwnCluster["proxies"]> {
    const controls = super.proxies(member);
    const { name } = this.process(member);
    return controls === null ? null : recordedProxies(controls, name, this.#faults);
  }

  /** For the time of a run: if bench dies, the next command resumes the member. */
  override pause(name: string): void {
    const member = this.anyProcess(name).name;
    this.#faults.set({ kind: "pause", member });
    super.pause(member);
  }

  override resume(name: string): void {
    const member = this.anyProcess(name).name;
    super.resume(member);
    this.#faults.clear({ kind: "pause", member });
  }

  /** Until a user resumes it. */
  pauseForGood(name: string): void {
    super.pause(name);
  }

  /** A process that a bench that died had paused. False: it is gone. */
  resumeLeft(name: string): boolean {
    return this.allProcesses.find((each) => each.name === name)?.signal("SIGCONT") ?? false;
  }

  override recordStop(name: string): void {
    this.#faults.set({ kind: "stop", member: this.process(name).name });
  }

  override recordAlarm(memberId: string): () => void {
    this.#faults.set({ kind: "alarm", memberId });
    return () => this.#faults.clear({ kind: "alarm", memberId });
  }

  protected override mark(mark: MemberMark): boolean {
    return this.#faults.set(mark);
  }

  protected override unmark(kind: MemberMark["kind"], member: string): void {
    this.#faults.clearMember(kind, member);
  }

  /** A member that a bench that died had stopped, without waiting until it answers. False: it runs. */
  startLeft(name: string): boolean {
    const left = this.processes.find((member) => member.name === name);
    if (left === undefined || left.running) return false;
    left.start(() => this.record());
    return true;
  }

  /** A change of members that a bench that died has left. False: there is nothing to do. */
  keepLeft(mark: MemberMark): Promise<boolean> {
    return this.keepMark(mark);
  }

  /** A fault of a proxy that a bench that died has left. False: the proxy does not run. */
  async clearLeft(
    member: string,
    side: "client" | "peer",
    direction: FaultDirection,
    fault: FaultKind,
  ): Promise<boolean> {
    const proxy = this.proxyOf(member);
    if (proxy?.running !== true) return false;
    await clearAll(super.proxies(member)![side], [direction], fault);
    return true;
  }

  /** The process of that name: a member's, or a helper's. @throws BenchError (usage) where none has it */
  processNamed(name: string): OwnProcess {
    return this.anyProcess(name);
  }

  /** Where the clients of that process go; null: nowhere. @throws BenchError (usage) for no such name */
  endpointOf(name: string): string | null {
    const helper = this.helpers.find((each) => each.name === name);
    return helper === undefined ? this.process(name).settings.endpoint : helper.settings.endpoint;
  }

  /** Asks etcd itself about its members. */
  get membership() {
    return this.membershipBut(null);
  }

  /** Ends all processes, and removes all files. A second call removes what the first one left. */
  async down({ keepsData = false } = {}): Promise<void> {
    await Promise.all(this.processes.map(keepsData ? endKeepingData : endGently));
    await Promise.all(this.helpers.map(endGently));
    if (!keepsData) this.#removeFiles();
    this.#letGo();
  }

  protected record(): void {
    this.#state = {
      ...this.#state,
      members: this.processes.map(({ settings, started }) => ({ settings, started })),
      helpers: this.helpers.map(({ settings, started }) => ({ settings, started })),
    };
    writeState(this.folder, this.#state);
  }

  protected get placement(): Placement {
    return placementOf(this.folder, this.#state);
  }

  /** One change at a time, on what the state file says now. */
  #change<T>(change: () => Promise<T>): Promise<T> {
    if (this.#isLocked) return change();
    const done = this.#lastChange.then(() =>
      withClusterLock(this.folder, () => {
        this.#reload();
        return change();
      }),
    );
    // The caller gets the failure from `done`; the next change only waits for the end of this one.
    this.#lastChange = done.catch(() => {});
    return done;
  }

  #reload(): void {
    const state = readState(this.folder);
    if (state === null || state.id !== this.#state.id) {
      throw usageError(`the cluster ${this.name} is gone: it was taken down meanwhile`);
    }
    this.#state = state;
    this.setHelpers(helpersOf(state));
    this.setProcesses(membersOf(state));
  }

  #endSync(): void {
    const killed = this.allProcesses.filter((each) => each.signal("SIGKILL"));
    awaitEndSync(
      killed.map(({ pid }) => pid),
      KILL_BOUND_MS,
    );
    this.#removeFiles();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The state last, so that what is left by a bench that is killed here can still be found. */
  #removeFiles(): void {
    releaseDataFolder(this.#state);
    emptyClusterFolder(this.folder);
  }
}
