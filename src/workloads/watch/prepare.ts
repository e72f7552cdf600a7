/** Prepares `bench watch`. */
export { watchPreparation as preparation } from "../parts/watching/prepare.ts";
