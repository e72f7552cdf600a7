/** The schemas of saved plans and results, with the part of each workload that there is. */
import * as z from "zod";
import { runPlanSchemaOf } from "../plan/schema.ts";
import { runResultSchemaOf } from "../result/schema.ts";
import { WORKLOADS } from "../workloads/catalogue.ts";

const [first, ...others] = WORKLOADS.map(({ schema }) => schema(z));

export const workloadSchema = z.discriminatedUnion("kind", [first!, ...others]);
export const runPlanSchema = runPlanSchemaOf(workloadSchema);
export const runResultSchema = runResultSchemaOf(runPlanSchema);
