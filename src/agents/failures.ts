/** The errors that a run with agents ends with, each with the agent's name and what to do. */
import { BenchError, EXIT, unreachableError, usageError } from "../errors.ts";
import { PROTOCOL_VERSION, WrongVersion } from "./envelope.ts";
import type { Report } from "./protocol.ts";
import type { RemoteAgent } from "./remote-agent.ts";

/** No run goes on without the workers that it begins with. */
export function lostBefore({ name, lost }: Pick<RemoteAgent, "name" | "lost">): BenchError {
  return new BenchError(
    `--agents: agent ${name} was lost: ${lost}; start another one, then go on with a new command`,
    EXIT.interrupted,
  );
}

/** It could not do what it was asked for. */
export function failureOf(
  { name }: RemoteAgent,
  { reason, exitCode }: Extract<Report, { type: "failed" }>,
): Error {
  const text = `agent ${name}: ${reason}`;
  if (exitCode === EXIT.unreachable) return unreachableError(text);
  if (exitCode === EXIT.usage) return usageError(text);
  return exitCode === null ? new Error(text) : new BenchError(text, EXIT.failed);
}

/** What it says of itself cannot be used. */
export function refusalOf(name: string, error: Error): BenchError {
  if (error instanceof BenchError) return error;
  if (error instanceof WrongVersion) {
    return usageError(
      `--agents: agent ${name} speaks version ${error.theirs} of the agents' protocol, and this bench version ${PROTOCOL_VERSION}: ` +
        "install the same bench on both",
    );
  }
  return usageError(
    `--agents: agent ${name} cannot be used: ${error.message}; start it with the join file of this run`,
  );
}
