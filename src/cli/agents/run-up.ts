/** Carries out `bench agents up`. */
import { joinFileOf } from "../../agents/named-coordination.ts";
import { EXIT, flagError, usageError } from "../../errors.ts";
import { findEtcd } from "../../etcd/etcd-binary/find.ts";
import { type Flag, type GivenFlags, isGiven, type Read, readFlags } from "../../flags/flag.ts";
import { ENGINES } from "../../placement/catalogue.ts";
import type { PlacementEngine, PlacementIdentity } from "../../placement/engine.ts";
import { checkCoordinationHost } from "../../placement/own-host.ts";
import { joinPathOf, placementFolder } from "../../placement/record.ts";
import { newIdentity, placeAgents } from "../../placement/up.ts";
import { shellLine } from "../../shell-words.ts";
import { formatNoun } from "../../text/noun.ts";
import { environment } from "../argv/environment.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { writeForShell, writeNote, writeStandardOutput } from "../output/standard-output.ts";
import { DEFAULT_GROUP, UP_FLAGS } from "./agents-flags.ts";
import { groupFrom } from "./open-placement.ts";

/** @param word the group's name, where --group does not give it */
export async function runUp(given: GivenFlags, word: string | undefined): Promise<number> {
  const flags = readFlags(UP_FLAGS, given);
  const engine = engineOf(given);
  const name = groupFrom(word, flags.agentGroup) ?? DEFAULT_GROUP;
  const coordination = joinFileOf({ ...flags, agentGroup: name });
  const planOf = (identity: PlacementIdentity) =>
    engine.plan(readFlags(engine.flags, given), identity);
  const { manifest } = await engine.actions();
  // Checks the name, too.
  placementFolder(name, environment());
  const text = await manifest?.(planOf(newIdentity(name)), {
    ...{ group: name, join: coordination, workers: flags.workers },
  });
  if (typeof text === "string") return await printManifest(text, flags);
  if (flags.coordinationHost !== null) checkCoordinationHost(flags.coordinationHost);
  const interrupts = listenForInterrupts(writeNote);
  interrupts.runBegins("ending what was started");
  try {
    const placement = await placeAgents({
      ...{ name, engine, say: writeNote, env: environment(), signal: interrupts.signal },
      ...{ plan: planOf, coordination, coordinationHost: flags.coordinationHost },
      binary: () => findEtcd({ explicitPath: flags.etcd ?? undefined, say: writeNote }),
      withinMs: flags.agentsWithinMs,
      workers: flags.workers,
    });
    const agents = placement.actions.agents(placement.record.plan);
    const count = agents.length;
    const join = joinPathOf(placement.folder);
    const words = [`--agents=${count}`, `--conns=${count}`, `--clients=${count}`];
    words.push(`--coordination=${join}`);
    await writeStandardOutput(
      [
        `${name}: ${formatNoun(count, "agent")} by ${engine.name}`,
        ...agents.map((agent) => `  ${agent.name}  ${agent.where}`),
        `use them: bench put ${shellLine(words)}; end them: bench agents down ${name}`,
      ].join("\n"),
    );
    return EXIT.done;
  } finally {
    interrupts.dispose();
  }
}

/** With its secrets, for which it is asked. */
async function printManifest(
  text: string,
  { coordinationHost }: Read<typeof UP_FLAGS>,
): Promise<number> {
  if (coordinationHost !== null) {
    throw flagError(
      "coordination-host",
      "--coordination-host starts an etcd on this machine, and a manifest is printed without starting anything; " +
        "give --coordination=FILE, or neither for an etcd in the cluster",
    );
  }
  await writeForShell([text.trimEnd()]);
  return EXIT.done;
}

/** @throws BenchError (usage) where none is asked for, several are, or a flag of another one is given */
function engineOf(given: GivenFlags): PlacementEngine {
  const asking = ENGINES.filter(({ name, flags }) => isGiven(given, flags[name]!));
  const all = ENGINES.map(({ name }) => `--${name}`).join(", ");
  const [engine, other] = asking;
  if (engine === undefined) throw usageError(`give what starts the agents: one of ${all}`);
  if (other !== undefined) {
    throw flagError(
      other.name,
      `--${engine.name} and --${other.name} exclude each other: give one of them`,
    );
  }
  const own = new Set(Object.values(engine.flags).map((flag: Flag) => flag.name));
  const foreign = ENGINES.flatMap(({ flags }) => Object.values(flags)).find(
    (flag: Flag) => !own.has(flag.name) && isGiven(given, flag),
  );
  if (foreign === undefined) return engine;
  throw flagError(
    foreign.name,
    `--${foreign.name} has no meaning with --${engine.name}; leave it out`,
  );
}
