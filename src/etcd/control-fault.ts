/** Makes the error of a command whose calls of the control plane failed: how to get in, or what is wrong with etcd. */
import { status as statusCodes } from "@grpc/grpc-js";
import { BenchError } from "../errors.ts";
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { ControlClient, ControlError } from "./control-client.ts";
import { askEndpoints, callFault, type EndpointAnswer } from "./endpoint-answers.ts";
import { learnerFaults } from "./refuse-target.ts";
import { controlFailure } from "./set-up-failure.ts";

const ANSWER_MS = 3_000;

export interface NamedEndpoints {
  /** Of all the endpoints that were named. */
  client: ControlClient;
  tls: TlsMaterial | null;
}

/**
 * @param what could not be done, as the start of a sentence: `the keys could not be read`
 * @param named asked what is wrong with them where one could not be reached; null: they are not the user's
 */
export async function controlFault(
  what: string,
  error: ControlError,
  named: NamedEndpoints | null,
): Promise<BenchError> {
  const { method, code, gateway } = error;
  const isOfAccess =
    gateway !== null ||
    method === "Authenticate" ||
    code === statusCodes.UNAUTHENTICATED ||
    code === statusCodes.UNIMPLEMENTED ||
    error.details.includes("user name is empty");
  const isUnreached =
    gateway === null &&
    (code === statusCodes.UNAVAILABLE || code === statusCodes.DEADLINE_EXCEEDED);
  const fault = isUnreached && named !== null ? await faultOfEndpoints(named) : null;
  if (fault !== null)
    return new BenchError(`${what}: ${fault.message}`, fault.exitCode, { cause: error });
  return isOfAccess ? callFault(error) : controlFailure(what, error);
}

/** Null: all of them answer, as by now. */
async function faultOfEndpoints({ client, tls }: NamedEndpoints): Promise<BenchError | null> {
  try {
    // What calls the control plane writes, or reads linearizably.
    const needs = { needsLeader: true, leaderOnly: false };
    const refused = (answers: readonly EndpointAnswer[]) => learnerFaults(needs, answers);
    await askEndpoints(client, { timeoutMs: ANSWER_MS, electionMs: 0, tls, refused });
    return null;
  } catch (error) {
    if (error instanceof BenchError) return error;
    throw error;
  }
}
