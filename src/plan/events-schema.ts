/** The part of a plan's schema that says what happens to etcd while load runs. */
import * as z from "zod";
import { SCHEDULED_EVENTS } from "../events/catalogue.ts";

/** By the kind of event, what its definition makes of its flags; null: none. */
export const eventPlansSchema = z.object(
  Object.fromEntries(
    SCHEDULED_EVENTS.map((event) => [event.kind, event.schema(z).nullable().default(null)]),
  ),
);

export type EventPlans = z.infer<typeof eventPlansSchema>;

export const NO_EVENT_PLANS: EventPlans = Object.fromEntries(
  SCHEDULED_EVENTS.map(({ kind }) => [kind, null]),
);
