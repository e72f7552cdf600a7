/**
 * Checks what an agent sends before anything is done with it. It has the group's secret, but may be broken: a
 * count below zero, a time that is no number or a part that is missing would spoil the figures of all.
 */
import * as z from "zod";
import type { Frame, Hello, Report } from "./protocol.ts";

// Objects are loose: what is checked is used as it came, and the types below hold the schemas to the messages.

const count = z.number().min(0);
const text = z.string();
/** Of a clock: any number but NaN, since a time that never comes is Infinity. */
const time = z.custom<number>((value) => typeof value === "number" && !Number.isNaN(value));
const octets = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const encoded = octets.nullable();
const known = z.number().nullable();
const times = z.custom<Float64Array>((value) => value instanceof Float64Array);

const errors = z.array(z.looseObject({ code: text, message: text, count }));
const missing = z.looseObject({ serviceTime: encoded, responseTime: encoded }).nullable();

const recorded = z.looseObject({
  succeeded: count,
  failed: count,
  resent: count,
  resends: z.array(z.looseObject({ reason: text, count })),
  serviceTime: encoded,
  responseTime: encoded,
  failedTime: encoded,
  missing,
  dispatchLag: encoded,
  errors,
  counters: z.record(text, z.number()),
  losses: z.array(
    z.looseObject({ cause: z.enum(["cancelled", "stream-ended"]), reason: text, count }),
  ),
  quantities: z.record(text, octets),
  during: z
    .looseObject({ failed: count, serviceTime: encoded, responseTime: encoded, missing })
    .nullable(),
  received: z.looseObject({ keys: count, bytes: count }).nullable(),
  slowest: z.array(
    z.looseObject({
      endNs: time,
      serviceNs: time,
      responseNs: time.nullable(),
      code: text,
      endpoint: text.nullable(),
      key: octets.nullable(),
      revision: z.number().nullable(),
    }),
  ),
});

const snapshot = z.looseObject({
  type: z.literal("snapshot"),
  phaseId: z.int().min(0),
  interval: z.int().min(0),
  fromNs: z.number(),
  toNs: z.number(),
  readyConnections: count,
  progress: z.looseObject({ answered: count, unanswered: count, lastFailure: text }),
  sending: z.looseObject({ due: count, started: count, busyFraction: count }),
});

const worker = z.int().min(0);

const done = z.looseObject({
  type: z.literal("phase-done"),
  phaseId: z.int().min(0),
  workerIndex: worker,
  started: count,
  dropped: count,
  lastEndNs: time,
  lastEffectNs: time.optional(),
  lastSendNs: time,
  lastDueNs: time,
  beganNs: time.optional(),
  busyFraction: count,
  eventLoopDelayP50Ms: count,
  eventLoopDelayP99Ms: count,
  cpuWaitFraction: count.nullable(),
  unmeasured: z.looseObject({ succeeded: count, failed: count, errors }).nullable(),
  carried: z.array(z.looseObject({ endpoint: text, sent: count, held: count })).nullable(),
});

const machine = z.looseObject({
  loadAverage1m: known,
  elapsedSeconds: count,
  busySeconds: known,
  idleSeconds: known,
  stealSeconds: known,
  familySeconds: known,
  cpuPressureSeconds: known,
  ioPressureSeconds: known,
  memoryPressureSeconds: known,
  throttledSeconds: known,
  upSeconds: known,
});

const requests = z
  .looseObject({
    dueNs: times,
    endNs: times,
    status: octets,
    group: z.custom<Uint16Array>((value) => value instanceof Uint16Array),
    number: times,
    revision: times,
    known: times,
  })
  .refine(
    ({ dueNs, endNs, status, group, number, revision, known }) =>
      [endNs, status, group, number, revision, known].every(
        ({ length }) => length === dueNs.length,
      ),
    "columns of different lengths",
  );

const report: z.ZodType<Report> = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("pong"), number: count, heardNs: z.number() }),
  z.looseObject({
    type: z.literal("opened"),
    opened: z.array(
      z.looseObject({
        type: z.literal("opened"),
        workerIndex: worker,
        streamLimits: z.array(time).optional(),
      }),
    ),
  }),
  z.looseObject({
    type: z.literal("second"),
    worker,
    second: z.looseObject({ snapshot, recorded: z.array(recorded) }),
  }),
  z.looseObject({
    type: z.literal("pause"),
    worker,
    pause: z.looseObject({
      startNs: z.number(),
      durationNs: count,
      cause: z.enum(["not-run", "garbage-collection", "busy"]),
    }),
  }),
  z.looseObject({ type: z.literal("requests"), requests }),
  z.looseObject({
    type: z.literal("phase-done"),
    done: z.array(done),
    machine: machine.nullable(),
  }),
  z.looseObject({ type: z.literal("token-wanted"), refused: text }),
  z.looseObject({ type: z.literal("closed"), memories: z.array(octets) }),
  z.looseObject({ type: z.literal("failed"), reason: text, exitCode: z.number().nullable() }),
]);

const frame: z.ZodType<Frame> = z.looseObject({
  session: text,
  sentNs: z.number(),
  reports: z.array(report),
  cpuMicros: count,
  rssBytes: count,
});

/** A host of many containers has some for each. */
const MOST_ADDRESSES = 10_000;

/** For a cell of a table. */
const name = text.max(200);

const hello: z.ZodType<Hello> = z.looseObject({
  workers: z.int().min(1),
  environment: z.looseObject({
    tool: name,
    node: name,
    kernel: name,
    cpuModel: name,
    cpus: count.nullable(),
    cpusAvailable: count.nullable(),
    memoryBytes: count.nullable(),
    memoryLimitBytes: count.nullable(),
  }),
  host: z.looseObject({ bootId: name.nullable(), addresses: z.array(name).max(MOST_ADDRESSES) }),
});

/** @throws Error that names the first part that is wrong */
export function readFrame(message: unknown, session: string): Frame {
  const read = checked(frame, message);
  if (read.session !== session) throw new Error("it is of another session");
  return read;
}

/** @throws Error that names the first part that is wrong */
export function readHello(message: unknown): Hello {
  return checked(hello, message);
}

function checked<Message>(schema: z.ZodType<Message>, message: unknown): Message {
  const { success, error } = schema.safeParse(message);
  // As it came: a parsed copy would be made for each frame.
  if (success) return message as Message;
  const [issue] = error.issues;
  throw new Error(`${issue!.path.join(".") || "the whole"}: ${issue!.message}`);
}
