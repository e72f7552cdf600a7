/** Errors of an etcd that does not let a user do what a run needs. */
import { type BenchError, usageError } from "../errors.ts";
import type { ControlError } from "./control-client.ts";

export function isDenied(error: ControlError): boolean {
  return error.codeName === "PERMISSION_DENIED";
}

/** @param user null where etcd knows the client by its certificate */
export function permissionError(
  user: string | null,
  what: string,
  cause: ControlError,
): BenchError {
  const who = user === null ? "--cert: the user of this certificate" : `--user: ${user}`;
  return usageError(
    `${who} is denied ${what} (${cause.details}): grant a role that may, choose other keys, or name another user`,
    cause,
  );
}
