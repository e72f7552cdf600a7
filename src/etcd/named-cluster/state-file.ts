/**
 * What is written down of a cluster that stays: its members, its processes and how to get in. Every
 * process is in it before it runs, so that no bench that is killed leaves one that no file names.
 */
import { join } from "node:path";
import { usageError } from "../../errors.ts";
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";
import { keepSecret } from "../../text/secrets.ts";
import { keepVariableSecrets } from "../../text/variable-secrets.ts";
import type { HelperSettings } from "../local-cluster/helper-process.ts";
import type { MemberSettings } from "../local-cluster/member-process.ts";
import type { StartedProcess } from "../local-cluster/own-process.ts";
import { pidNamespace } from "../local-cluster/process-identity.ts";
import type { ClientFiles } from "../local-cluster/security.ts";
import { STATE_FILE } from "./clusters-folder.ts";
import { readNotedJson, writeNotedJson } from "./noted-json.ts";

export interface SavedMember {
  readonly settings: MemberSettings;
  /** Null: it was never started. */
  readonly started: StartedProcess | null;
}

/** A process of the cluster that is no member. */
export interface SavedHelper {
  readonly settings: HelperSettings;
  readonly started: StartedProcess | null;
}

export interface ClusterState {
  readonly schemaVersion: 1;
  readonly name: string;
  /** Of this start and of no other. */
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Whether all members have been healthy once. */
  readonly isReady: boolean;
  readonly pidNamespace: string | null;
  readonly etcd: { readonly path: string; readonly version: string };
  readonly dataFolder: string;
  /** Absolute path; null: it was not started from a Procfile. */
  readonly procfile: string | null;
  readonly isProxied: boolean;
  readonly clusterToken: string;
  /** Flags of every member that come from --tls, --auth and the user. */
  readonly memberArgs: readonly string[];
  readonly clientFiles: ClientFiles | null;
  readonly credentials: { readonly user: string; readonly password: string } | null;
  readonly members: readonly SavedMember[];
  readonly helpers: readonly SavedHelper[];
}

const SCHEMA_VERSION = 1;

/** Null where there is none. @throws BenchError (usage) for one of another bench, or that is not whole */
export function readState(folder: string): ClusterState | null {
  const file = join(folder, STATE_FILE);
  const fix = `end its processes (${folder} is in their command lines) and remove the folder`;
  const state = readNotedJson(file, fix);
  if (state === undefined) return null;
  const { schemaVersion } = Object(state) as Partial<ClusterState>;
  if (schemaVersion !== SCHEMA_VERSION) {
    if (typeof schemaVersion !== "number")
      throw usageError(`${file} cannot be read: it is not whole; ${fix}`);
    throw usageError(
      `${file} is of another version of bench (${schemaVersion}): use that version, or ${fix}`,
    );
  }
  if (!isWhole(state)) throw usageError(`${file} cannot be read: it is not whole; ${fix}`);
  keepStateSecrets(state);
  return state;
}

/** Checked by hand: zod would be loaded by each run on a cluster. */
function isWhole(state: unknown): state is ClusterState {
  const { name, id, createdAt, etcd, dataFolder, procfile, clientFiles, credentials } =
    fieldsOf(state);
  const { members, helpers, memberArgs } = fieldsOf(state);
  const [files, user] = [fieldsOf(clientFiles), fieldsOf(credentials)];
  return (
    [name, id, createdAt, dataFolder, fieldsOf(etcd).path].every(isText) &&
    (procfile === null || isText(procfile)) &&
    (clientFiles === null || [files.cert, files.key, files.ca].every(isText)) &&
    (credentials === null || [user.user, user.password].every(isText)) &&
    isListOf(memberArgs, isText) &&
    isListOf(members, isMember) &&
    isListOf(helpers, isHelper)
  );
}

function isMember(saved: unknown): boolean {
  const { settings, started } = fieldsOf(saved);
  const { etcdPath, name, endpoint, peerEndpoint, dataDir, logPath } = fieldsOf(settings);
  const { listen, extraArgs, procfile } = fieldsOf(settings);
  const own = fieldsOf(listen);
  return (
    [etcdPath, name, endpoint, peerEndpoint, dataDir, logPath].every(isText) &&
    [own.endpoint, own.peerEndpoint].every(isText) &&
    isListOf(extraArgs, isText) &&
    (procfile === undefined || isLaunch(procfile)) &&
    isStarted(started)
  );
}

function isHelper(saved: unknown): boolean {
  const { settings, started } = fieldsOf(saved);
  const { name, role, logPath, endpoint, command } = fieldsOf(settings);
  return (
    [name, role, logPath].every(isText) &&
    (endpoint === null || isText(endpoint)) &&
    (isListOf(command, isText) || isLaunch(command)) &&
    isStarted(started)
  );
}

/** Of a Procfile. */
function isLaunch(launch: unknown): boolean {
  const { name, command, env, cwd } = fieldsOf(launch);
  return [name, command, cwd].every(isText) && Object.values(fieldsOf(env)).every(isText);
}

/** Null: it was never started. */
function isStarted(started: unknown): boolean {
  const { pid, startedAt } = fieldsOf(started);
  return started === null || (Number.isInteger(pid) && isText(startedAt));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isListOf(list: unknown, isOne: (each: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(isOne);
}

/** Its processes may print what their Procfile gives them. */
function keepStateSecrets({ credentials, members, helpers }: ClusterState): void {
  if (credentials !== null) keepSecret(credentials.password, credentials.user);
  const commands = [
    ...members.map(({ settings }) => settings.procfile),
    ...helpers.map(({ settings }) => settings.command),
  ];
  for (const each of commands) {
    if (each === undefined || !("cwd" in each)) continue;
    keepVariableSecrets(each.env);
    keepArgumentSecrets([each.command]);
  }
}

/** It may hold a password. @throws BenchError (usage) that names the file */
export function writeState(folder: string, state: ClusterState): void {
  writeNotedJson(join(folder, STATE_FILE), state);
}

/** @throws BenchError (usage) for a cluster whose processes this bench cannot see */
export function assertOfThisMachine(state: ClusterState): void {
  if (isOfThisPidNamespace(state)) return;
  throw usageError(
    `the cluster ${state.name} was started in another container, whose processes are not visible here: take it down there`,
  );
}

/** Another container may share the folder, and has other processes under the same numbers. */
export function isOfThisPidNamespace(state: ClusterState): boolean {
  return state.pidNamespace === pidNamespace();
}
