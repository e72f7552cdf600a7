/** The part of a result that says what a fault cost: by operation, and by where clients were attached. */
import * as z from "zod";

const nullableNumber = z.number().nullable();
const count = z.int().min(0);

const windowSchema = z.object({
  /** Since the start of the measured phase: when its first request was due, and the first good answer. */
  startMs: z.number(),
  endMs: z.number(),
  requests: count,
  /** The run was over before a good answer came. */
  isOpen: z.boolean(),
});

/** Times with `Ms` that are not of a window are from the beginning of the fault on. */
const groupSchema = z.object({
  /** `put`, `range-linearizable`, `watch`, ... */
  operation: z.string(),
  /** A member's name, or ALL_ENDPOINTS. */
  attachment: z.string(),
  /** Null where there was no fault, or it was of no member. */
  isFaulted: z.boolean().nullable(),
  due: count,
  good: count,
  slow: count,
  failed: count,
  neverSent: count,
  availabilityPercent: nullableNumber,
  windows: z.array(windowSchema),
  longestWindowMs: z.number(),
  unavailableMs: z.number(),
  requestsLost: nullableNumber,
  firstErrorMs: nullableNumber,
  firstSuccessMs: nullableNumber,
  fullRateMs: nullableNumber,
  fullSpeedMs: nullableNumber,
  timeline: z.object({
    startMs: z.number(),
    binMs: z.number(),
    due: z.array(count),
    good: z.array(count),
  }),
});

export const availabilitySchema = z.object({
  /** A request that is answered later than this after it was due is not a good one. */
  slowMs: z.number(),
  /** Between two requests that were due in one group. */
  spacingMs: z.number(),
  /** Null: nothing was done to the cluster. Times since the start of the measured phase. */
  fault: z
    .object({
      kind: z.string(),
      member: z.string().nullable(),
      startMs: z.number(),
      /** When it was over, or was done where it is done at once; null: not known. */
      endMs: nullableNumber,
    })
    .nullable(),
  groups: z.array(groupSchema),
  /** Null without a fault. */
  leadership: z
    .object({
      leaderLostMs: nullableNumber,
      leaderElectedMs: nullableNumber,
      elections: nullableNumber,
      /** The first put, of any client, that was answered well after the longest time without one. */
      firstCommitMs: nullableNumber,
      memberHealthyMs: nullableNumber,
      memberCaughtUpMs: nullableNumber,
      mostEntriesBehind: nullableNumber,
    })
    .nullable(),
  /** Null where nothing was put. */
  writes: z
    .object({
      acknowledged: count,
      inDoubt: count,
      /** Null, as `lost`, `appliedTwice` and `corrupt`: no member could be read; 0 in earlier results. */
      inDoubtApplied: nullableNumber,
      inDoubtNotApplied: nullableNumber,
      inDoubtDiverged: nullableNumber,
      lost: nullableNumber,
      appliedTwice: nullableNumber,
      corrupt: nullableNumber,
      examples: z.array(z.number()),
      members: z.array(
        z.object({
          member: z.string(),
          keys: nullableNumber,
          lost: nullableNumber,
          error: z.string().nullable(),
        }),
      ),
    })
    .nullable(),
  reads: z.array(
    z.object({
      operation: z.string(),
      attachment: z.string(),
      answered: count,
      stale: count,
      notFound: count,
      longestStaleMs: z.number(),
      mostRevisionsBehind: z.number(),
    }),
  ),
  watches: z
    .array(
      z.object({
        attachment: z.string(),
        events: count,
        longestGapMs: z.number(),
        gapStartMs: nullableNumber,
        duplicates: count,
        outOfOrder: count,
        lost: count,
        notDelivered: count,
        resumes: count,
        longestResumeMs: nullableNumber,
      }),
    )
    .default([]),
  leases: z
    .array(
      z.object({
        attachment: z.string(),
        expired: count,
        expiredEarly: count,
        longestGapMs: z.number(),
      }),
    )
    .default([]),
  locks: z
    .object({ acquired: count, twoOwners: count, expiredEarly: count.default(0) })
    .nullable()
    .default(null),
});

export type Availability = z.infer<typeof availabilitySchema>;
export type AvailabilityGroup = Availability["groups"][number];
