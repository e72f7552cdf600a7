/** Measures what things cost etcd in memory: adds some of each, reads, and adds some more. */
import { setTimeout as delay } from "node:timers/promises";
import { BenchError } from "../errors.ts";
import { ControlClient, ControlError } from "../etcd/control-client.ts";
import { PageReader } from "../etcd/fetch-page.ts";
import { inspectTarget, type TargetMember } from "../etcd/inspect.ts";
import { TargetWatch } from "../etcd/target-watch.ts";
import { prefixEnd } from "../plan/key-range.ts";
import { changeNote } from "../result/change-words.ts";
import { describeEnvironment } from "../result/environment.ts";
import { newResultId } from "../result/id.ts";
import { ADDERS, type Adder } from "./adders.ts";
import { fallenNotes, publishedRows, thingCost } from "./assess.ts";
import type { MeasuredMember } from "./calls.ts";
import { Meter } from "./meter.ts";
import {
  type CountedReading,
  MEMORY_SCHEMA_VERSION,
  type MemoryReport,
  type ThingCost,
} from "./report-schema.ts";
import { THING_OF, THINGS, type ThingName } from "./things.ts";

export interface MemoryOptions {
  member: MeasuredMember;
  /** `http(s)://host:port` of the member's metrics. */
  metricsUrl: string;
  profilesUrl: string;
  isLocal: boolean;
  /** By thing, how many are added in all; without those that are not measured. */
  totals: ReadonlyMap<ThingName, number>;
  /** Of each thing; the readings are one more. */
  steps: number;
  settleMs: number;
  keySizeBytes: number;
  valSizeBytes: number;
  /** Asked before anything is added. @throws BenchError where it does not fit this cluster */
  checkMembers?(members: readonly TargetMember[]): Promise<void>;
}

export interface MemoryControls {
  say: (line: string) => void;
  /** Called before each step; `fraction` is from 0 to 1. */
  onProgress: (what: string, fraction: number) => void;
  stop: AbortSignal;
}

const WRITTEN: readonly ThingName[] = ["lease", "key", "revision"];
/** Of the bytes that are written. */
const MATTERING_SHARE = 0.1;
/** That etcd keeps, and those until its next snapshot. */
const LOG_ENTRIES = 6_000;
/** What a throwaway etcd is started with: garbage collections on demand, and a short log in memory. */
export const LOCAL_SERVER_ARGS = ["--enable-pprof", "--snapshot-count=1000"];

/** Shortest key: the prefix, a mark and ten digits. */
export const LEAST_KEY_BYTES = 32;

/** @throws BenchError where etcd cannot be measured, or refuses what is added */
export async function measureMemory(
  options: MemoryOptions,
  controls: MemoryControls,
): Promise<MemoryReport> {
  const { member, isLocal, keySizeBytes, valSizeBytes, totals } = options;
  const startedAt = new Date();
  const startMs = performance.now();
  const id = newResultId(startedAt.getTime());
  const pages = new PageReader(member.access.tls, true);
  const control = new ControlClient([member.endpoint], { access: member.access });
  const { metricsUrl, profilesUrl } = options;
  const meter = new Meter({ pages, metricsUrl, profilesUrl });
  const prefix = `bench-memory-${id}-`;
  const adders: Adder[] = [];
  const notes: string[] = [];
  const things: ThingCost[] = [];
  let watch: TargetWatch | null = null;
  try {
    const { version } = await control.status();
    const target = await inspectTarget({
      ...{ endpoints: [member.endpoint], leaderOnly: false, needsLeader: false },
      access: member.access,
    });
    await options.checkMembers?.(target.members);
    const key = Buffer.from(prefix);
    watch = new TargetWatch({ target, leaderOnly: false, key, client: control });
    watch.start();
    const base = await meter.read();
    const freePagesBytes = await meter.freePagesBytes();
    const names = THINGS.filter((name) => totals.has(name));
    for (const [at, thing] of names.entries()) {
      if (controls.stop.aborted) break;
      const adder = await ADDERS[thing]({
        ...{ member, meter, prefix, keySizeBytes, valSizeBytes, signal: controls.stop },
        most: stepSize(options, thing) * (options.steps + 1),
      });
      adders.push(adder);
      const readings = await readSteps(thing, adder, meter, options, {
        ...controls,
        onProgress: (what, fraction) => controls.onProgress(what, (at + fraction) / names.length),
      });
      things.push(thingCost(thing, readings, keySizeBytes));
    }
    notes.push(
      ...target.notes,
      ...(await changeNotes(watch, meter, startMs)),
      ...fallenNotes(things, isLocal),
      ...notesOn(options, meter),
      ...freePagesNotes(options, freePagesBytes),
      ...(await takeBack(adders, control, prefix, isLocal)),
    );
    return {
      kind: "memory",
      schemaVersion: MEMORY_SCHEMA_VERSION,
      id,
      startedAt: startedAt.toISOString(),
      durationSeconds: (performance.now() - startMs) / 1000,
      status: controls.stop.aborted ? "interrupted" : "complete",
      endpoint: member.endpoint,
      etcdVersion: version,
      isLocal,
      hasForcedCollection: meter.hasForcedCollection,
      keySizeBytes,
      valSizeBytes,
      base,
      things,
      published: publishedRows({ base, things, keySizeBytes, valSizeBytes }),
      environment: describeEnvironment(),
      notes,
    };
  } catch (error) {
    const changes = await changeNotes(watch, meter, startMs);
    const left = await takeBack(adders, control, prefix, isLocal);
    for (const note of [...changes, ...left]) controls.say(note);
    throw error;
  } finally {
    for (const adder of adders) adder.close();
    control.close();
    pages.close();
  }
}

async function readSteps(
  thing: ThingName,
  adder: Adder,
  meter: Meter,
  options: MemoryOptions,
  { onProgress, stop }: Pick<MemoryControls, "onProgress" | "stop">,
): Promise<CountedReading[]> {
  const { steps, settleMs } = options;
  const size = stepSize(options, thing);
  const readings: CountedReading[] = [];
  // The first step is not counted: it makes what is made once, such as buffers of connections.
  for (let step = 0; step <= steps && !stop.aborted; step++) {
    onProgress(THING_OF[thing].plural, step / (steps + 1));
    await adder.add(step === 0 ? firstStep(options, thing, size) : size);
    await delay(settleMs);
    readings.push({ added: step * size, ...(await meter.read()) });
  }
  return readings;
}

/**
 * etcd keeps its last log entries in memory. Of a throwaway etcd, which drops all before them, the first
 * step writes as many, so that the next ones only replace them.
 */
function firstStep({ isLocal }: MemoryOptions, thing: ThingName, size: number): number {
  return isLocal && WRITTEN.includes(thing) ? Math.max(size, LOG_ENTRIES) : size;
}

function stepSize({ totals, steps }: MemoryOptions, thing: ThingName): number {
  return Math.max(1, Math.round(totals.get(thing)! / steps));
}

/** How the cluster changed since `startMs`, of this thread's performance.now(). */
async function changeNotes(
  watch: TargetWatch | null,
  { restarts }: Meter,
  startMs: number,
): Promise<string[]> {
  const changes = (await watch?.stop(startMs)) ?? [];
  return [
    ...changes.map(changeNote),
    ...(restarts === 0
      ? []
      : [
          `The member restarted while it was measured (${restarts} seen): readings before and after are of different processes, and costs across them are wrong.`,
        ]),
  ];
}

/** Deletes the keys and the leases; gives notes on what could not be deleted. */
async function takeBack(
  adders: readonly Adder[],
  control: ControlClient,
  prefix: string,
  isLocal: boolean,
): Promise<string[]> {
  // A throwaway etcd goes with all that it has.
  if (isLocal || adders.length === 0) return [];
  const key = Buffer.from(prefix);
  const keys = await faultOf(() => control.deleteRange({ key, rangeEnd: prefixEnd(key) }));
  const notes = keys === null ? [] : [`The keys below ${prefix} were not deleted: ${keys}.`];
  for (const adder of adders) {
    const fault = await faultOf(async () => adder.takeBack?.());
    if (fault !== null) notes.push(`Leases were left, which expire within an hour: ${fault}.`);
  }
  return notes;
}

/** Null: it was done. */
async function faultOf(undo: () => Promise<unknown>): Promise<string | null> {
  try {
    await undo();
    return null;
  } catch (error) {
    if (!(error instanceof ControlError || error instanceof BenchError)) throw error;
    return error.message;
  }
}

function notesOn({ isLocal, totals }: MemoryOptions, meter: Meter): string[] {
  const isWriting = WRITTEN.some((name) => totals.has(name));
  return [
    ...(meter.hasForcedCollection
      ? []
      : [
          "etcd runs without --enable-pprof: no garbage collection could be forced before a reading, so that the heap holds garbage and intervals are wide.",
        ]),
    ...(!isLocal && isWriting
      ? [
          "Each write is also an entry of etcd's log in memory until a snapshot (--snapshot-count), which the costs of keys, revisions and leases contain.",
        ]
      : []),
  ];
}

/** Where what is written finds room in the database as it is. */
function freePagesNotes(options: MemoryOptions, freeBytes: number | null): string[] {
  const { totals, keySizeBytes, valSizeBytes } = options;
  const puts = (totals.get("key") ?? 0) + (totals.get("revision") ?? 0);
  const writtenBytes = puts * (keySizeBytes + valSizeBytes);
  if (freeBytes === null || freeBytes < writtenBytes * MATTERING_SHARE || puts === 0) return [];
  return [
    `The database had ${(freeBytes / 1e6).toFixed(0)} MB of free pages, which keys and revisions take ` +
      "before it grows: their RSS is less than in a database without free pages, as after a defragmentation.",
  ];
}
