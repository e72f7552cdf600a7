/** Prepares `bench election`. */
import type { ElectionWorkload } from "../../plan/workload/election-schema.ts";
import { contentionPreparation } from "../parts/contention/prepare.ts";
import type { Preparation } from "../preparation.ts";

export const preparation: Preparation<ElectionWorkload> = contentionPreparation;
