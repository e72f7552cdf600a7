/** Prepares `bench lock`. */

import { contentionPreparation } from "../parts/contention/prepare.ts";
import type { Preparation } from "../preparation.ts";
import type { LockWorkload } from "./schema.ts";

export const preparation: Preparation<LockWorkload> = contentionPreparation;
