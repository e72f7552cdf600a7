/**
 * Makes the error of a run whose set-up failed: what could not be done, etcd's reason, the fix, and
 * the exit code that fits the reason.
 */

import { Status, statusName } from "#wire";
import { BenchError, EXIT, unreachableError, usageError } from "../errors.ts";
import { type ControlClient, ControlError } from "./control-client.ts";
import { isForeignStatus, statusOfEtcd } from "./gateway.ts";

/** What to do where a server does not know a method. */
export const NO_GATEWAY =
  "give an endpoint of etcd that serves this API: --transport=gateway needs --enable-grpc-gateway, " +
  "which is etcd's default";

/** The gRPC status of a request that failed, by its name, and the server's own words. */
export interface FailedRequest {
  codeName: string;
  details: string;
}

/**
 * @param what could not be done, as the start of a sentence: `the run's keys could not be made ready`
 * @param reason the failure itself, in place of the status and the server's words
 */
export function setUpFailure(
  what: string,
  failed: FailedRequest,
  { reason, cause }: { reason?: string; cause?: unknown } = {},
): BenchError {
  const why = `${what}: ${reason ?? `${failed.codeName}: ${failed.details}`}`;
  // One that could not reach its etcd says so as UNAVAILABLE.
  if (failed.codeName !== "UNAVAILABLE" && isGatewayAnswer(failed)) {
    return unreachableError(`${why}; ${GATEWAY_FIX}`, cause);
  }
  if (isTooLarge(failed)) {
    return usageError(
      `${why}; this etcd takes no request of this size: lower --val-size (or what else makes requests ` +
        "large), or start etcd with a larger --max-request-bytes",
      cause,
    );
  }
  const code = Status[failed.codeName as keyof typeof Status];
  switch (statusName(statusOfEtcd(code, failed.details))) {
    case "PERMISSION_DENIED":
    case "UNAUTHENTICATED":
      return usageError(`${why}; grant a role that may, or name another user`, cause);
    case "UNAVAILABLE":
    case "DEADLINE_EXCEEDED":
      return unreachableError(`${why}; check that etcd is up and has a leader`, cause);
    case "UNIMPLEMENTED":
      return unreachableError(`${why}; ${NO_GATEWAY}`, cause);
    case "RESOURCE_EXHAUSTED":
      if (/space exceeded/.test(failed.details)) {
        const fix =
          "compact and defragment etcd and disarm its alarm, or start it with a larger --quota-backend-bytes";
        return new BenchError(`${why}; ${fix}`, EXIT.failed, { cause });
      }
  }
  return new BenchError(`${why}; fix the cluster`, EXIT.failed, { cause });
}

/** The same of a call of the control plane, with its method and endpoint. */
export function controlFailure(what: string, cause: ControlError): BenchError {
  if (cause.gateway === null) return setUpFailure(what, cause, { reason: cause.message, cause });
  return unreachableError(
    `${what}: ${gatewayWords(cause, cause.gateway)}; ${gatewayFix(cause)}`,
    cause,
  );
}

const GATEWAY_FIX = "name etcd's client port, or let the gateway before etcd pass this client on";

export function gatewayFix({ codeName }: FailedRequest): string {
  if (codeName !== "UNAVAILABLE") return GATEWAY_FIX;
  return "name etcd's client port, or check that etcd is up and has a leader, and that the gateway reaches it";
}

/** What answered in place of etcd, and how. */
export function gatewayWords(
  { method, code, codeName, details }: ControlError,
  { httpStatus, contentType, server, isGrpc }: NonNullable<ControlError["gateway"]>,
): string {
  const who = server === "" ? "a server whose name is not known" : `"${server}"`;
  if (isGrpc) {
    const words = details === "" ? codeName : `${codeName}: ${details}`;
    return `${who} answers ${method} in place of etcd, with gRPC status ${code} (${words})`;
  }
  const what = httpStatus === 200 && contentType !== null ? ` and ${contentType}` : "";
  return `${who} answers ${method} with HTTP status ${httpStatus}${what}, and no gRPC`;
}

/**
 * Whether a failure's words are those of our transports, or of grpc-js, for an answer that no gRPC server
 * wrote, or those of a gRPC server other than etcd. That etcd has no grpc-gateway is another fault.
 */
export function isGatewayAnswer({ codeName, details }: FailedRequest): boolean {
  return (
    /^(HTTP status|Received HTTP status code) \d{3}\b(?!, so)/.test(details) ||
    isForeignStatus(Status[codeName as keyof typeof Status], details)
  );
}

/** Whether etcd denied it to the user. */
export function isDeniedRequest(failed: FailedRequest): boolean {
  const code = Status[failed.codeName as keyof typeof Status];
  const isDenied = statusOfEtcd(code, failed.details) === Status.PERMISSION_DENIED;
  return isDenied && !isGatewayAnswer(failed);
}

/** Deletes a key that a set-up had put before it failed, where etcd lets it. */
export async function takeBack(client: ControlClient, key: Uint8Array): Promise<void> {
  try {
    await client.deleteRange({ key });
  } catch (error) {
    // The failure of the set-up is reported, and an etcd that is gone has this one as well.
    if (!(error instanceof ControlError)) throw error;
  }
}

/** Above --max-request-bytes, and beyond what etcd's gRPC server reads at all. */
function isTooLarge({ details }: FailedRequest): boolean {
  return /request is too large|message larger than max/.test(details);
}
