/** Prepares `bench watch-latency`. */
export { watchPreparation as preparation } from "../parts/watching/prepare.ts";
