/**
 * A cluster that stays after the command that started it: its processes run on, and its state file
 * tells the next command about them.
 */
import { mkdirSync, rmSync } from "node:fs";
import { flagError, usageError } from "../../errors.ts";
import type { OwnCluster } from "../../events/definition.ts";
import { ClusterMembers } from "../local-cluster/cluster-members.ts";
import { endWithProcess } from "../local-cluster/exit-cleanup.ts";
import type { MemberProcess, MemberSettings } from "../local-cluster/member-process.ts";
import { endGently, endKeepingData, type OwnProcess } from "../local-cluster/own-process.ts";
import { placesOf } from "../local-cluster/placement.ts";
import { awaitEndSync } from "../local-cluster/process-identity.ts";
import { awaitAccepting } from "../local-cluster/readiness.ts";
import { withClusterLock } from "./cluster-lock.ts";
import { clusterFolder, clusterNames, emptyClusterFolder } from "./clusters-folder.ts";
import { releaseDataFolder } from "./data-folder.ts";
import { faultProxyOf, proxyControls } from "./fault-proxies.ts";
import { FaultMarks } from "./fault-records.ts";
import type { HelperProcess } from "./helper-process.ts";
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

export class NamedCluster extends ClusterMembers {
  readonly name: string;
  readonly folder: string;
  #state: ClusterState;
  #helpers: readonly HelperProcess[];
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
  static at(folder: string): NamedCluster | null {
    const state = readState(folder);
    return state === null ? null : new NamedCluster(folder, state);
  }

  /** Writes down a new cluster, and starts its processes; until it is ready they end with this one. */
  static async start(folder: string, fresh: NewCluster): Promise<NamedCluster> {
    const state = newState(fresh);
    writeState(folder, state);
    const cluster = new NamedCluster(folder, state);
    cluster.#letGo = endWithProcess(() => cluster.#endSync());
    await cluster.startAll();
    return cluster;
  }

  private constructor(folder: string, state: ClusterState) {
    super(accessOf(state), membersOf(state));
    this.name = state.name;
    this.folder = folder;
    this.#state = state;
    this.#helpers = helpersOf(state);
    this.#faults = new FaultMarks(folder);
  }

  get state(): ClusterState {
    return this.#state;
  }

  get helpers(): readonly HelperProcess[] {
    return this.#helpers;
  }

  /** Members first. */
  get allProcesses(): readonly OwnProcess[] {
    return [...this.processes, ...this.#helpers];
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
    for (const each of this.#helpers) {
      if (!each.running) each.start(() => this.record());
    }
    for (const member of this.processes) {
      if (member.running) continue;
      // etcd wants its data folder to be its own alone and warns of any other mode.
      mkdirSync(member.settings.dataDir, { recursive: true, mode: 0o700 });
      member.start(() => this.record());
    }
  }

  override async awaitAllHealthy(boundMs: number): Promise<void> {
    const deadlineMs = performance.now() + boundMs;
    await super.awaitAllHealthy(boundMs);
    for (const helper of this.#helpers) {
      const { endpoint } = helper.settings;
      if (endpoint !== null) await awaitAccepting(helper, endpoint, deadlineMs);
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
    this.#faults.clear("stop", name);
  }

  override add(options: { name?: string; isLearner?: boolean } = {}) {
    return this.#change(() => super.add(options));
  }

  override remove(name: string): Promise<void> {
    return this.#change(async () => {
      const proxy = this.#proxyOf(this.process(name).name);
      await super.remove(name);
      if (proxy === undefined) return;
      await endGently(proxy);
      this.#helpers = this.#helpers.filter((each) => each !== proxy);
      this.record();
    });
  }

  override replace(name: string): Promise<void> {
    return this.#change(() => super.replace(name));
  }

  override proxies(member: string): ReturnType<OwnCluster["proxies"]> {
    const { name } = this.process(member);
    const controls = proxyControls(this.#helpers, name);
    // As long as this process lives: a caller asks for a proxy in order to make a fault.
    if (controls !== null) this.#faults.set("proxy", name);
    return controls;
  }

  /** Its faults end with it. */
  renewProxy(member: string): void {
    const proxy = this.#proxyOf(member);
    if (proxy === undefined) return;
    if (proxy.signal("SIGKILL")) awaitEndSync([proxy.pid], KILL_BOUND_MS);
    proxy.start(() => this.record());
  }

  /** For the time of a run: if bench dies, the next command resumes the member. */
  override pause(name: string): void {
    const member = this.anyProcess(name).name;
    this.#faults.set("pause", member);
    super.pause(member);
  }

  override resume(name: string): void {
    const member = this.anyProcess(name).name;
    super.resume(member);
    this.#faults.clear("pause", member);
  }

  /** Until a user resumes it. */
  pauseForGood(name: string): void {
    super.pause(name);
  }

  /** A member that a bench that died had paused; it may be gone by now. */
  resumeLeft(name: string): void {
    this.allProcesses.find((each) => each.name === name)?.signal("SIGCONT");
  }

  override recordStop(name: string): void {
    this.#faults.set("stop", this.process(name).name);
  }

  /** A member that a bench that died had stopped, without waiting until it answers. */
  startLeft(name: string): void {
    const left = this.processes.find((member) => member.name === name);
    if (left !== undefined && !left.running) left.start(() => this.record());
  }

  /** The process of that name: a member's, or a helper's. @throws BenchError (usage) where none has it */
  processNamed(name: string): OwnProcess {
    return this.anyProcess(name);
  }

  /** Where the clients of that process go; null: nowhere. @throws BenchError (usage) for no such name */
  endpointOf(name: string): string | null {
    const helper = this.#helpers.find((each) => each.name === name);
    return helper === undefined ? this.process(name).settings.endpoint : helper.settings.endpoint;
  }

  protected override get processNames(): string[] {
    return [...super.processNames, ...this.#helpers.map(({ name }) => name)];
  }

  protected override anyProcess(name: string): OwnProcess {
    return this.#helpers.find((each) => each.name === name) ?? this.process(name);
  }

  /** Asks etcd itself about its members. */
  get membership() {
    return this.membershipBut(null);
  }

  /** Ends all processes, and removes all files. A second call removes what the first one left. */
  async down({ keepsData = false } = {}): Promise<void> {
    await Promise.all(this.processes.map(keepsData ? endKeepingData : endGently));
    await Promise.all(this.#helpers.map(endGently));
    if (!keepsData) this.#removeFiles();
    this.#letGo();
  }

  protected record(): void {
    this.#state = {
      ...this.#state,
      members: this.processes.map(({ settings, started }) => ({ settings, started })),
      helpers: this.#helpers.map(({ settings, started }) => ({ settings, started })),
    };
    writeState(this.folder, this.#state);
  }

  protected async placeFor(name: string): Promise<MemberSettings> {
    const place = (await placesOf([name], placementOf(this.folder, this.#state)))[0]!;
    // One that is replaced keeps its addresses, and the proxy at them.
    if (this.#state.isProxied && this.#proxyOf(name) === undefined) {
      const proxy = await faultProxyOf(place, this.folder);
      this.#helpers = [...this.#helpers, proxy];
      proxy.start(() => this.record());
    }
    return place;
  }

  #proxyOf(member: string): HelperProcess | undefined {
    return this.#helpers.find(({ settings }) => settings.faults?.member === member);
  }

  /** One change at a time, on what the state file says now. */
  #change<T>(change: () => Promise<T>): Promise<T> {
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
    this.#helpers = helpersOf(state);
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
