/**
 * What a run says by the key with which it has a group: sealed, so that an agent that cannot read its messages
 * knows why before it gets any. It holds nothing that the members' own keys do not.
 */
import { type GroupKey, PROTOCOL_VERSION, WrongVersion } from "./envelope.ts";
import { pack } from "./pack.ts";
import { COORDINATOR } from "./protocol.ts";

/** The value of the key. */
export function sealedClaim(key: GroupKey): Buffer {
  return key.seal(COORDINATOR, pack({}));
}

/** Why an agent with this key cannot serve the run, a clause with the fix; null: it can, as far as this tells. */
export function unservable(key: GroupKey, claim: Buffer): string | null {
  // A bench before this one said nothing.
  if (claim.length === 0) return null;
  try {
    key.open(COORDINATOR, claim);
    return null;
  } catch (error) {
    return error instanceof WrongVersion
      ? `it speaks version ${error.theirs} of the agents' protocol, and this agent ${PROTOCOL_VERSION}; install the same bench on both`
      : "it has another secret than this agent; start both with one join file, or one --coordination-secret-file";
  }
}
