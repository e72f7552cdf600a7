/**
 * What the doctor found: a verdict for each cause, what each is based on, and the principal cause. Field
 * names are the contract: add freely, rename none without raising `schemaVersion`.
 */
import * as z from "zod";
import { type DocumentKind, parseDocument } from "../result/document.ts";
import { CAUSES, CONFIDENCES, UNITS, VERDICTS } from "./finding.ts";

export const DOCTOR_SCHEMA_VERSION = 1;

const nullableNumber = z.number().nullable();
const nullableText = z.string().nullable();

const findingSchema = z.object({
  cause: z.enum(CAUSES),
  verdict: z.enum(VERDICTS),
  member: nullableText,
  what: z.string(),
  figure: z.string(),
  value: nullableNumber,
  unit: z.enum(UNITS),
  bound: nullableText,
  source: nullableText,
  confidence: z.enum(CONFIDENCES),
  isSymptom: z.boolean(),
  nextCommand: nullableText,
});

const memberSchema = z.object({
  name: z.string(),
  endpoint: nullableText,
  id: nullableText,
  version: nullableText,
  role: z.enum(["leader", "follower", "learner"]).nullable(),
  isLocal: z.boolean(),
  pid: nullableNumber,
  dbSizeBytes: nullableNumber,
  /** Why its metrics were not read; null: they were. */
  fault: nullableText,
});

export const doctorReportSchema = z.object({
  kind: z.literal("doctor"),
  schemaVersion: z.literal(DOCTOR_SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.string(),
  /** Name and version of bench. */
  tool: z.string(),
  /** What was looked at, in words. */
  target: z.string(),
  /** What probed it: `none`, `light` or `full`. */
  probe: z.string(),
  /** Null: there was one page of each member alone. */
  windowSeconds: nullableNumber,
  /** The window was ended early. */
  isInterrupted: z.boolean(),
  members: z.array(memberSchema),
  /** Of each cause its worst finding's. */
  causes: z.array(
    z.object({
      cause: z.enum(CAUSES),
      verdict: z.enum(VERDICTS),
      confidence: z.enum(CONFIDENCES),
    }),
  ),
  findings: z.array(findingSchema),
  principal: z.object({
    /** Null: nothing stands out. */
    cause: z.enum(CAUSES).nullable(),
    /** The worst of all findings. */
    verdict: z.enum(VERDICTS),
    member: nullableText,
    sentence: z.string(),
    nextCommand: nullableText,
  }),
  /** Lines to copy. */
  advice: z.array(z.object({ what: z.string(), lines: z.array(z.string()) })),
  notes: z.array(z.string()),
});

export type DoctorReport = z.infer<typeof doctorReportSchema>;
export type DoctorMember = z.infer<typeof memberSchema>;
export type Advice = DoctorReport["advice"][number];

const DOCTOR: DocumentKind<DoctorReport> = {
  what: "a report of bench doctor",
  schemaVersion: DOCTOR_SCHEMA_VERSION,
  schema: doctorReportSchema,
};

/** @throws BenchError (usage) that names the file and what is wrong */
export function parseDoctorReport(data: unknown, file: string): DoctorReport {
  return parseDocument(DOCTOR, data, file);
}
