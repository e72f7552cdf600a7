/** Commands of an earlier session are not carried out again, and none are without a session. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SessionGuard } from "../../../src/agents/session-guard.ts";

const ping = { type: "ping", number: 0 } as const;
const session = (name: string) => ({ type: "session", session: name }) as const;

test("commands are carried out from the beginning of a session to its end", () => {
  const guard = new SessionGuard();
  assert.throws(() => guard.check(ping), /of no session/);
  guard.check(session("one"));
  guard.check(ping);
  assert.ok(guard.isOpen);
  guard.end();
  assert.throws(() => guard.check(ping), /of no session/);
  guard.check(session("two"));
  guard.check(ping);
});

test("a session that was ended does not open again", () => {
  const guard = new SessionGuard();
  guard.check(session("one"));
  guard.end();
  assert.throws(() => guard.check(session("one")), /a session that is over/);
  assert.not.ok(guard.isOpen);
});

test("an agent that was not used can be sent away", () => {
  new SessionGuard().check({ type: "end", isLast: true });
});

test.run();
