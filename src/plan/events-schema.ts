/** The part of a plan's schema that says what happens to etcd while load runs. */
import * as z from "zod";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";

/** One `--event`: a fault or a change at a time. */
const timedPlanSchema = z.object({
  /** From the start of the measured phase. */
  atMs: z.number().min(0),
  /** Null: until the end of the run, where it lasts. */
  lastsMs: z.number().positive().nullable(),
  /** In the words of the flag: `kill leader`. */
  action: z.string(),
});

/** By the kind of event, what its definition makes of its flags; null: none. */
export const eventPlansSchema: z.ZodType<EventPlans> = z.object({
  ...Object.fromEntries(
    SCHEDULED_EVENTS.map((event) => [event.kind, event.schema(z).nullable().default(null)]),
  ),
  events: z.array(timedPlanSchema).default([]),
});

/** `events`: those of `--event`, in the order in which they were given. */
export interface EventPlans {
  [kind: string]: unknown;
  events: z.infer<typeof timedPlanSchema>[];
}

export const NO_EVENT_PLANS: EventPlans = {
  ...Object.fromEntries(SCHEDULED_EVENTS.map(({ kind }) => [kind, null])),
  events: [],
};
