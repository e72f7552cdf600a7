/** Refuses the flags of etcd that bench sets itself for its throwaway clusters. */
import { usageError } from "../errors.ts";

/** They keep it on loopback and in its own folder, where bench finds it and removes it after the run. */
const OWN =
  /^(config-file|name|data-dir|wal-dir|logger|log-outputs?|listen-(client|peer)-.*|(initial-)?advertise-.*|initial-cluster.*|discovery.*|(peer-)?(client-cert-auth|auto-tls|cert-file|key-file|trusted-ca-file)|auth-token)$/;

/** @throws BenchError (usage) that names `flag` and the argument */
export function refuseOwnArgs(args: readonly string[], flag: string): void {
  const [first = "-"] = args;
  if (!first.startsWith("-")) {
    throw usageError(
      `${flag}: ${JSON.stringify(first)} is no flag of etcd, e.g. ${flag}='--snapshot-count=10000'`,
    );
  }
  for (const arg of args) {
    const name = /^--?([^=]+)/.exec(arg)?.[1] ?? "";
    if (!OWN.test(name)) continue;
    throw usageError(
      `${flag}: ${arg.split("=")[0]} is set by bench for its temporary clusters; leave it out`,
    );
  }
}
