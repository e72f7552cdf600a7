/** Workers of an agent get new tokens from the coordinator, with one request for each old token. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WantedTokens } from "../../../src/agents/wanted-tokens.ts";
import { isFinalRefusal } from "../../../src/etcd/token-source.ts";

const reasonOf = (wanted: Promise<unknown>) =>
  wanted.then(
    () => new Error("it was given"),
    (error: Error) => error,
  );

test("workers that have the same token refused get the same new one, by one request", async () => {
  const asked: string[] = [];
  const tokens = new WantedTokens((refused) => asked.push(refused));
  const wanted = [tokens.renew("old"), tokens.renew("old"), tokens.renew("older")];
  assert.equal(asked, ["old", "older"]);
  tokens.answer("older", null);
  tokens.answer("old", "new");
  assert.equal(await Promise.all(wanted), ["new", "new", null]);
  // The new token may be refused later, and then the old one again.
  void tokens.renew("old");
  assert.equal(asked, ["old", "older", "old"]);
});

test("a token that the coordinator could not get is finally refused only where it reports that", async () => {
  const tokens = new WantedTokens(() => {});
  for (const isFinal of [true, false]) {
    const wanted = reasonOf(tokens.renew("old"));
    tokens.fail({ type: "token-failed", refused: "old", reason: "no such user", isFinal });
    const error = await wanted;
    assert.match(error.message, /no such user/);
    assert.is(isFinalRefusal(error), isFinal);
  }
});

test("answers that no worker waits for change nothing", () => {
  const tokens = new WantedTokens(() => {});
  tokens.answer("unknown", "new");
  tokens.fail({ type: "token-failed", refused: "unknown", reason: "", isFinal: true });
});

test.run();
