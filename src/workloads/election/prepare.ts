/** Prepares `bench election`. */
export { contentionPreparation as preparation } from "../parts/contention/prepare.ts";
