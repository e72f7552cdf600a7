/** Carries out `bench agent`: serves runs until a command or a signal ends it. */
import { serveAsAgent } from "../../agents/agent.ts";
import { agentName, type JoinFile, ofGroup, readJoinFile } from "../../agents/join-file.ts";
import { joinFileOf } from "../../agents/named-coordination.ts";
import { EXIT, flagError } from "../../errors.ts";
import { JOINING_FLAGS } from "../../flags/agents.ts";
import { type GivenFlags, type Read, readFlags } from "../../flags/flag.ts";
import { describeEnvironment } from "../../result/environment.ts";
import { onFirstSignal } from "../interrupts.ts";
import { writeNote } from "../output/standard-output.ts";

/** Resolves to the exit code. @throws BenchError where it cannot join, or has lost its lease */
export async function runAgent(given: GivenFlags): Promise<number> {
  const flags = readFlags(JOINING_FLAGS, given);
  const { name, workers } = flags;
  const join = joinOf(flags);
  const stopping = new AbortController();
  const endListening = onFirstSignal(() => stopping.abort());
  try {
    await serveAsAgent({
      join,
      name: agentName(name),
      workers: workers ?? Math.max(1, Math.floor(describeEnvironment().cpusAvailable ?? 1)),
      say: writeNote,
      stop: stopping.signal,
    });
  } finally {
    endListening();
  }
  return EXIT.done;
}

/** @throws BenchError (usage) where none or two are named */
function joinOf(flags: Read<typeof JOINING_FLAGS>): JoinFile {
  const { join: path, agentGroup } = flags;
  const named = joinFileOf(flags);
  if (named !== null && path !== null) {
    throw flagError("join", "--join and --coordination exclude each other: give one of them");
  }
  if (named !== null) return named;
  if (path !== null) return ofGroup(readJoinFile("--join", path), agentGroup);
  throw flagError(
    "join",
    "--join is missing: name the join file that a run with --agents has printed, e.g. --join=join.json, " +
      "or give --coordination=https://HOST:PORT",
  );
}
