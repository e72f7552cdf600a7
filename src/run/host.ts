/** Tells the machines apart that take part in a measurement. */
import { bootId } from "../machine/boot-id.ts";
import { ownAddresses } from "../net/own-addresses.ts";

export interface Host {
  /** Processes with the same are on one machine; null: its system does not tell. */
  bootId: string | null;
  /** Of its interfaces, loopback among them. */
  addresses: readonly string[];
}

export function ownHost(): Host {
  return { bootId: bootId(), addresses: ownAddresses() };
}
