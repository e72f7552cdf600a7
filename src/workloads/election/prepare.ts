/** Prepares `bench election`. */

import { contentionPreparation } from "../parts/contention/prepare.ts";
import type { Preparation } from "../preparation.ts";
import type { ElectionWorkload } from "./schema.ts";

export const preparation: Preparation<ElectionWorkload> = contentionPreparation;
