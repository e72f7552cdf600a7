/** Prepares `bench lock`. */
export { contentionPreparation as preparation } from "../parts/contention/prepare.ts";
