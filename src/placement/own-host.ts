/** Checks the address of this machine that agents are to connect to. */
import { flagError } from "../errors.ts";
import { isOwnAddress, ownAddresses } from "../net/own-addresses.ts";

/** @throws BenchError (usage) where no etcd can listen there */
export function checkCoordinationHost(host: string): void {
  if (isOwnAddress(host)) return;
  throw flagError(
    "coordination-host",
    `--coordination-host=${host} is no IP address of this machine, which has ${ownAddresses().join(", ")}: give one that agents reach`,
  );
}
