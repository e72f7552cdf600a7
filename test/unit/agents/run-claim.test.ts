/** An agent recognizes a run that it cannot serve: another secret or another protocol version. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { GroupKey, PROTOCOL_VERSION } from "../../../src/agents/envelope.ts";
import { newGroupSecret } from "../../../src/agents/join-file.ts";
import { COORDINATOR } from "../../../src/agents/protocol.ts";
import { sealedClaim, unservable } from "../../../src/agents/run-claim.ts";

const key = new GroupKey(newGroupSecret());

test("a run with the same secret can be served, and a run without a claim is not refused", () => {
  assert.is(unservable(key, sealedClaim(key)), null);
  assert.is(unservable(key, Buffer.alloc(0)), null);
});

test("a run with another secret or version is refused with the reason and the fix", () => {
  const other = new GroupKey(newGroupSecret());
  assert.match(unservable(key, sealedClaim(other))!, /^it has another secret .* one join file/);
  assert.match(unservable(key, Buffer.from("anything"))!, /^it has another secret/);
  const later = key.seal(COORDINATOR, Buffer.alloc(0), PROTOCOL_VERSION + 1);
  assert.match(
    unservable(key, later)!,
    new RegExp(
      `^it speaks version ${PROTOCOL_VERSION + 1} .*, and this agent ${PROTOCOL_VERSION}; install`,
    ),
  );
});

test.run();
