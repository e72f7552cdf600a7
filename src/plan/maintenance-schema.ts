/** The part of a plan's schema that schedules compactions and defragmentations during the load. */
import * as z from "zod";

export const maintenanceSchema = z.object({
  /** Null: none. */
  compaction: z
    .object({
      intervalMs: z.number().positive(),
      /** Newest ones, which stay. */
      keptRevisions: z.int().min(0),
    })
    .nullable(),
  /** Null: none. */
  defragmentation: z
    .object({
      /** From the start of the measured phase, ascending. */
      atMs: z.array(z.number().min(0)).min(1),
      /** Its name, endpoint or id in hex; null: all members, one after another. */
      member: z.string().nullable(),
    })
    .nullable(),
});

export type Maintenance = z.infer<typeof maintenanceSchema>;

export const NO_MAINTENANCE: Maintenance = { compaction: null, defragmentation: null };
