/** Prepares `bench lock`. */
import type { LockWorkload } from "../../plan/workload/lock-schema.ts";
import { contentionPreparation } from "../parts/contention/prepare.ts";
import type { Preparation } from "../preparation.ts";

export const preparation: Preparation<LockWorkload> = contentionPreparation;
