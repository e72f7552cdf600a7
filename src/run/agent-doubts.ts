/** Says what the agents of a run may have done to its figures: begun apart, been lost, or differed. */
import type { AgentResult } from "../result/schema.ts";

/** Agents that begin further apart did not offer one load. */
const MOST_SPREAD_MS = 10;
/** Of the measured time, where that is less. */
const MOST_SPREAD_SHARE = 0.01;

/** A clause where the load did not begin everywhere at the same time. */
export function skewReasons(
  agents: readonly AgentResult[] | undefined,
  measuredSeconds: number,
): string[] {
  const spread = spreadOf(agents ?? []);
  if (spread === null) return [];
  const shareMs = measuredSeconds * 1e3 * MOST_SPREAD_SHARE;
  const isShort = shareMs < MOST_SPREAD_MS;
  if (spread.ms <= Math.min(MOST_SPREAD_MS, shareMs)) return [];
  const limit = isShort ? `${MOST_SPREAD_SHARE * 100}% of the run` : ms(MOST_SPREAD_MS);
  const fix = isShort
    ? "run longer"
    : "their machines, or the way to the coordination etcd, were busy; take machines with time to spare";
  return [
    `agents began ${ms(spread.ms)} apart (clocks are known to ${ms(spread.uncertaintyMs)}), more than ${limit}: ${fix}`,
  ];
}

/** A sentence for each. */
export function agentNotes(agents: readonly AgentResult[] | undefined): string[] {
  if (agents === undefined) return [];
  const spread = spreadOf(agents);
  return [
    ...(spread === null
      ? []
      : [
          `${agents.length} agents began within ${ms(spread.ms)} of each other; their clocks are known to ${ms(spread.uncertaintyMs)}.`,
        ]),
    ...agents.flatMap(({ name, lost }) =>
      lost === null
        ? []
        : [
            `Agent ${name} was lost (${lost}): what was due on it and had not been reported counts as dropped.`,
          ],
    ),
    ...differences(agents),
    ...agents.flatMap(({ name, workers, environment: { cpusAvailable } }) =>
      cpusAvailable === null || workers <= Math.max(1, cpusAvailable)
        ? []
        : [
            `Agent ${name} has ${cpusAvailable} CPUs for ${workers} workers, which take CPU from each other; lower --workers.`,
          ],
    ),
  ];
}

const FIELDS = [
  ["tool", "versions of bench"],
  ["node", "versions of Node"],
  ["kernel", "kernels"],
  ["cpuModel", "CPUs"],
  ["cpus", "numbers of CPUs"],
] as const;

function differences(agents: readonly AgentResult[]): string[] {
  return FIELDS.flatMap(([field, words]) => {
    const values = [...new Set(agents.map(({ environment }) => String(environment[field])))];
    return values.length < 2 ? [] : [`The agents have different ${words}: ${values.join("; ")}.`];
  });
}

/** Of those whose load began; null for fewer than two. */
function spreadOf(agents: readonly AgentResult[]): { ms: number; uncertaintyMs: number } | null {
  const begun = agents.filter(({ startLateMs }) => startLateMs !== null);
  if (begun.length < 2) return null;
  const late = begun.map(({ startLateMs }) => startLateMs!);
  return {
    ms: Math.max(...late) - Math.min(...late),
    uncertaintyMs: Math.max(...begun.map(({ clockUncertaintyMs }) => clockUncertaintyMs ?? 0)),
  };
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
