/** Defines the parts of a RunResult on etcd's members: what they are, and what their metrics say. */
import * as z from "zod";

const nullableNumber = z.number().nullable();

export const memberSchema = z.object({
  name: z.string(),
  endpoint: z.string(),
  version: z.string().nullable(),
  isLeader: z.boolean().nullable(),
  isLearner: z.boolean().nullable(),
  dbSizeBytes: nullableNumber,
});

/**
 * One member's readings of its metrics, a column each and all of one length: as rows they would be
 * most of a long run's file.
 */
export const serverSamplesSchema = z.object({
  /** When it was taken, since the start of the measured phase; the first may lie before it. */
  atSeconds: z.array(z.number()),
  rssBytes: z.array(nullableNumber),
  /** Of one core, since the reading before; null for the first, as are the percentiles. */
  cpuPercent: z.array(nullableNumber),
  walFsyncP99Ms: z.array(nullableNumber),
  backendCommitP99Ms: z.array(nullableNumber),
});

/** One member's own metrics over the measured phase. All null where they could not be read. */
export const serverSchema = z.object({
  endpoint: z.string(),
  member: z.string(),
  rssMeanBytes: nullableNumber,
  rssMaxBytes: nullableNumber,
  cpuSeconds: nullableNumber,
  /** Of one core. */
  cpuPercent: nullableNumber,
  walFsyncP99Ms: nullableNumber,
  backendCommitP99Ms: nullableNumber,
  leaderChanges: nullableNumber,
  slowApplies: nullableNumber,
  failedProposals: nullableNumber,
  dbSizeBytes: nullableNumber,
  walFsyncMeanMs: nullableNumber.default(null),
  backendCommitMeanMs: nullableNumber.default(null),
  /** All of them together. */
  walFsyncSeconds: nullableNumber.default(null),
  backendCommitSeconds: nullableNumber.default(null),
  /** Since its process started; of a process that bench started on this machine. */
  peakRssBytes: nullableNumber.default(null),
  /** The largest reading of each. */
  heapInUseBytes: nullableNumber.default(null),
  heapAllocatedBytes: nullableNumber.default(null),
  goroutines: nullableNumber.default(null),
  openFiles: nullableNumber.default(null),
  pendingProposals: nullableNumber.default(null),
  slowWatchers: nullableNumber.default(null),
  /** Of the database, at the end: what is not free. Old revisions are in use until a compaction. */
  dbInUseBytes: nullableNumber.default(null),
  /** What the files of the write-ahead log take at the end; of a process that bench started. */
  walSizeBytes: nullableNumber.default(null),
  walWrittenBytes: nullableNumber.default(null),
  /** From and to the disk, by all that the process did; of a process that bench started. */
  diskReadBytes: nullableNumber.default(null),
  diskWrittenBytes: nullableNumber.default(null),
  /** Of gRPC messages to and from clients. */
  clientReceivedBytes: nullableNumber.default(null),
  clientSentBytes: nullableNumber.default(null),
  peerReceivedBytes: nullableNumber.default(null),
  peerSentBytes: nullableNumber.default(null),
  /** To all peers, which etcd measures every few seconds. */
  peerRoundTripMeanMs: nullableNumber.default(null),
  /** The bucket that the 99th percentile is in; null: there is no such bound. */
  peerRoundTripP99AboveMs: nullableNumber.default(null),
  peerRoundTripP99UpToMs: nullableNumber.default(null),
  /** About one a second. */
  samples: serverSamplesSchema.nullable().default(null),
});

export type MemberResult = z.infer<typeof memberSchema>;
export type ServerResult = z.infer<typeof serverSchema>;
export type ServerSamples = z.infer<typeof serverSamplesSchema>;
