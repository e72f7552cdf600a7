/**
 * Takes the environment of a command line: bench reads ETCDCTL_USER, ETCDCTL_PASSWORD and the BENCH_*
 * variables that give flags once, and what it starts (etcds, other clients, helpers) does not inherit
 * them.
 */
import { keepArgumentSecrets } from "../../text/argument-secrets.ts";
import { keepVariableSecrets } from "../../text/variable-secrets.ts";
import { settingVariables } from "../settings/variables.ts";

const SECRET_VARIABLES = ["ETCDCTL_USER", "ETCDCTL_PASSWORD"];

let taken: NodeJS.ProcessEnv = {};

/** Once for each command line, before anything is started. */
export function takeEnvironment(): void {
  taken = { ...process.env };
  keepVariableSecrets(taken);
  const settings = settingVariables(taken);
  // BENCH_USER holds what --user does.
  keepArgumentSecrets(settings.map((name) => `--${name.slice(6).toLowerCase()}=${taken[name]}`));
  for (const name of [...SECRET_VARIABLES, ...settings]) delete process.env[name];
  // An address that holds a user is refused where it is read, and of no use to what bench starts.
  for (const name of Object.keys(taken)) {
    if (name.startsWith("ETCDCTL_") && taken[name]?.includes("@")) delete process.env[name];
  }
}

/** As the user gave it, passwords included. */
export function environment(): NodeJS.ProcessEnv {
  return taken;
}
