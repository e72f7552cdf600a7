/** Says which CPUs a measurement had. */
import type { RunResult } from "../result/schema.ts";

type Cpus = Pick<RunResult["environment"], "cpus" | "cpusAvailable" | "cpuModel">;

/** `2 x Some CPU (1 available)`. */
export function describeCpus({ cpus, cpusAvailable, cpuModel }: Cpus): string {
  const available =
    cpusAvailable === null || cpusAvailable === cpus ? "" : ` (${cpusAvailable} available)`;
  return `${cpus === null ? "" : `${cpus} x `}${cpuModel}${available}`;
}
