/**
 * Takes the environment of a command line: bench reads ETCDCTL_USER and ETCDCTL_PASSWORD once, and
 * what it starts (etcds, other clients, helpers) does not inherit them.
 */
import { keepAddressSecrets, keepSecret, keepUserSecret } from "../../text/secrets.ts";

const SECRET_VARIABLES = ["ETCDCTL_USER", "ETCDCTL_PASSWORD"];

let taken: NodeJS.ProcessEnv = {};

/** Once for each command line, before anything is started. */
export function takeEnvironment(): void {
  taken = { ...process.env };
  const { ETCDCTL_USER: user = "", ETCDCTL_PASSWORD: password = "" } = taken;
  keepUserSecret(user);
  keepSecret(password, user.split(":")[0]);
  keepAddressSecrets(taken.ETCDCTL_ENDPOINTS ?? "");
  for (const name of SECRET_VARIABLES) delete process.env[name];
}

/** As the user gave it, passwords included. */
export function environment(): NodeJS.ProcessEnv {
  return taken;
}
