/** The placement engines. A new one is a folder and a line here. */
import type { PlacementEngine } from "./engine.ts";
import { kubernetesEngine } from "./kubernetes/engine.ts";
import { slurmEngine } from "./slurm/engine.ts";
import { sshEngine } from "./ssh/engine.ts";

export const ENGINES: readonly PlacementEngine[] = [sshEngine, slurmEngine, kubernetesEngine];
