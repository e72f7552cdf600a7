/** Errors of an etcd that does not let a user do what a run needs. */
import { type BenchError, usageError } from "../errors.ts";
import type { ControlAccess, ControlError } from "./control-client.ts";

/** etcd denies nothing to whom it does not know. */
export function mayBeDenied({ tokens, tls }: ControlAccess): boolean {
  return tokens !== null || (tls?.cert ?? null) !== null;
}

/** By etcd itself: an HTTP gateway knows nothing of its users. */
export function isDenied({ codeName, gateway }: ControlError): boolean {
  return codeName === "PERMISSION_DENIED" && gateway === null;
}

/** @param user null where etcd knows the client by its certificate */
export function permissionError(
  user: string | null,
  what: string,
  cause: ControlError,
): BenchError {
  return usageError(
    `${userWords(user)} is denied ${what} (${cause.details}): grant a role that may, choose other keys, or name another user`,
    cause,
  );
}

/** The flag that names the user, and the user: `--user: ann`. */
export function userWords(user: string | null): string {
  return user === null ? "--cert: the user of this certificate" : `--user: ${user}`;
}
