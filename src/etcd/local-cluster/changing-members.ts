/**
 * Changes who is a member of a cluster that bench started: members join, leave and are replaced, each
 * with its process, its data and the fault proxy in front of it.
 */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { usageError } from "../../errors.ts";
import type { AddOptions, OwnCluster, RemoveOptions } from "../../events/definition.ts";
import { makeFolders } from "../../make-folders.ts";
import type { ListedMember } from "../control-messages.ts";
import { type ClusterMember, ClusterMembers, memberView } from "./cluster-members.ts";
import { faultProxyOf } from "./fault-proxies.ts";
import { MemberProcess, type MemberSettings, peerUrlOf } from "./member-process.ts";
import { initialClusterOf } from "./membership.ts";
import { endGently } from "./own-process.ts";
import { newDataDir, type Placement, placesOf } from "./placement.ts";

/** A member that was removed ends by itself once it has heard of it. */
const REMOVED_END_MS = 2_000;

/** What the next command is to bring about if bench dies in the middle of a change. */
export interface MemberMark {
  /** It is to be no member, or one again with empty data. */
  readonly kind: "leaves" | "comes-back";
  readonly settings: MemberSettings;
  readonly isLearner: boolean;
}

export abstract class ChangingMembers extends ClusterMembers implements OwnCluster {
  /** Where new members go. */
  protected abstract readonly placement: Placement;
  /** By name, members that are to come back. */
  readonly #away = new Map<string, MemberSettings>();

  /** Writes the mark down. False: it was there already. What is thrown away needs none. */
  protected mark(_mark: MemberMark): boolean {
    return true;
  }

  protected unmark(_kind: MemberMark["kind"], _member: string): void {}

  async add({ name, isLearner = false, isForATime = false }: AddOptions = {}) {
    const free = name ?? this.#freeName();
    if (this.find(free) !== undefined) {
      throw usageError(`${free} is a member already; give another name, or none`);
    }
    this.#assertTakesMembers(free);
    // One that comes back has the addresses that its clients know.
    const before = this.#away.get(free) ?? (await placesOf([free], this.placement))[0]!;
    const member = await this.#addAt(before, isLearner);
    this.#away.delete(free);
    this.unmark("comes-back", free);
    if (!isForATime) this.unmark("leaves", free);
    return member;
  }

  async remove(name: string, { comesBack = false }: RemoveOptions = {}): Promise<void> {
    const member = this.process(name);
    const { settings } = member;
    if (comesBack) this.#assertTakesMembers(settings.name);
    const listed = await this.#listedWithOthers(member);
    const kind = comesBack ? "comes-back" : "leaves";
    const isMarked = this.mark({ kind, settings, isLearner: listed?.isLearner ?? false });
    try {
      await this.#takeOut(member, listed);
    } catch (error) {
      // A user who reads the refusal decides; what lasts for a time is put right in any case.
      if (isMarked && !comesBack) this.unmark("leaves", settings.name);
      throw error;
    }
    if (comesBack) this.#away.set(settings.name, ofANewMember(settings));
    else await this.#endProxyOf(settings.name);
    this.unmark("leaves", settings.name);
  }

  async replace(name: string): Promise<void> {
    const member = this.process(name);
    const settings = ofANewMember(member.settings);
    this.#assertTakesMembers(settings.name);
    const listed = await this.#listedWithOthers(member);
    const isLearner = listed?.isLearner ?? false;
    this.mark({ kind: "comes-back", settings, isLearner });
    const index = this.processes.indexOf(member);
    await this.#takeOut(member, listed);
    await this.#addAt(settings, isLearner, index);
    this.unmark("leaves", settings.name);
    this.unmark("comes-back", settings.name);
  }

  /** Carries out what a bench that died had marked. False: all was so already. */
  protected async keepMark({ kind, settings, isLearner }: MemberMark): Promise<boolean> {
    const { name } = settings;
    const listed = await this.#listed(settings, null);
    const member = this.find(name);
    if (kind === "comes-back" && listed !== undefined && member !== undefined) {
      if (member.running) return false;
      await this.ensureRuns(name);
      return true;
    }
    if (listed !== undefined && member === undefined) await this.#startListed(settings, isLearner);
    else if (listed !== undefined) await this.ensureRuns(name);
    const isThere = this.find(name) !== undefined;
    // Of two members one alone has no majority, so that one leaves only while it runs.
    if (isThere) await this.remove(name, { comesBack: kind === "comes-back" });
    else if (kind === "leaves") await this.#endProxyOf(name);
    if (kind === "leaves") return isThere;
    this.#away.set(name, ofANewMember(settings));
    await this.add({ name, isLearner });
    return true;
  }

  /** @throws BenchError (usage) where a new member could not speak to the others */
  #assertTakesMembers(name: string): void {
    if (this.processes.every(({ settings }) => settings.peerScheme !== "https")) return;
    throw usageError(
      `${name} cannot be added: the members of this Procfile speak TLS to each other, for which bench has no certificate; add it to the Procfile, and start that anew`,
    );
  }

  /** With empty data. @param index its place in the list of members */
  async #addAt(
    settings: MemberSettings,
    isLearner: boolean,
    index = this.processes.length,
  ): Promise<ClusterMember> {
    const { name, peerEndpoint, listen } = settings;
    const place = { ...settings, dataDir: newDataDir(this.placement.dataFolder, name) };
    const membership = this.membershipBut(null);
    this.mark({ kind: "leaves", settings: place, isLearner });
    await this.#startProxyOf(place);
    const { id, initialCluster } = await membership.add({ name, peerEndpoint, isLearner });
    try {
      const member = await this.#startAt({ ...place, initialCluster }, isLearner, index);
      await membership.checkSameCluster(name, listen.endpoint);
      return member;
    } catch (error) {
      // Registered without a process, it would count against the majority for ever.
      await membership.remove(name, id);
      await this.kill(name);
      this.setProcesses(this.processes.filter((each) => each.settings.name !== name));
      this.record();
      this.unmark("leaves", name);
      throw error;
    }
  }

  /** One that etcd has registered, and that was not started. */
  async #startListed(settings: MemberSettings, isLearner: boolean): Promise<void> {
    const { name, peerEndpoint } = settings;
    const members = await this.membershipBut(null).members();
    const initialCluster = initialClusterOf(members, { name, peerEndpoint });
    await this.#startAt({ ...settings, initialCluster }, isLearner, this.processes.length);
  }

  async #startAt(
    settings: MemberSettings,
    isLearner: boolean,
    index: number,
  ): Promise<ClusterMember> {
    // etcd wants its data folder to be its own alone and warns of any other mode.
    makeFolders(settings.dataDir, 0o700);
    makeFolders(dirname(settings.logPath));
    const member = new MemberProcess({ ...settings, initialState: "existing" });
    this.setProcesses(this.processes.toSpliced(index, 0, member));
    member.start(() => this.record());
    await this.awaitReady(member, !isLearner);
    // Another event may have changed the list meanwhile.
    return memberView(member);
  }

  /** Out of the cluster, with its process and its data. */
  async #takeOut(member: MemberProcess, listed: ListedMember | undefined): Promise<void> {
    const { name, dataDir, isDataFound } = member.settings;
    if (listed?.id) await this.membershipBut(member).remove(name, listed.id);
    member.signal("SIGCONT");
    if (!(await member.awaitEnd(REMOVED_END_MS))) await this.kill(name);
    this.setProcesses(this.processes.filter((each) => each !== member));
    this.record();
    if (isDataFound !== true) rmSync(dataDir, { recursive: true, force: true, maxRetries: 20 });
  }

  /** Undefined: it is no member. @throws BenchError where there is no other */
  async #listedWithOthers(member: MemberProcess): Promise<ListedMember | undefined> {
    if (this.processes.length > 1) return await this.#listed(member.settings, member);
    throw usageError(
      `${member.settings.name} is the only member of the cluster: it cannot be removed`,
    );
  }

  async #listed(
    settings: MemberSettings,
    left: MemberProcess | null,
  ): Promise<ListedMember | undefined> {
    const members = await this.membershipBut(left).members();
    return members.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(settings)));
  }

  /** One that comes back, or is replaced, has the proxy at its addresses. */
  async #startProxyOf(place: MemberSettings): Promise<void> {
    if (this.placement.isProxied !== true || this.proxyOf(place.name) !== undefined) return;
    const proxy = await faultProxyOf(place, this.placement.logFolder);
    this.setHelpers([...this.helpers, proxy]);
    proxy.start(() => this.record());
  }

  async #endProxyOf(name: string): Promise<void> {
    const proxy = this.proxyOf(name);
    if (proxy === undefined) return;
    await endGently(proxy);
    this.setHelpers(this.helpers.filter((each) => each !== proxy));
    this.record();
  }

  #freeName(): string {
    for (let number = this.processes.length + 1; ; number++) {
      const name = `etcd${number}`;
      if (this.find(name) === undefined) return name;
    }
  }
}

/**
 * On the data folder of its Procfile it would start on the data of before, and a registry knows of the
 * members that began the cluster alone.
 */
function ofANewMember(settings: MemberSettings): MemberSettings {
  const { procfile: _, isDataFound: __, discovery: ___, ...kept } = settings;
  return kept;
}
