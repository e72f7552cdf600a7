/** Workers of an agent get new tokens from the coordinator, with one request for each old token. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WantedTokens } from "../../../src/agents/wanted-tokens.ts";

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

test("a token that the coordinator could not get fails with its reason, and is requested again later", async () => {
  const asked: string[] = [];
  const tokens = new WantedTokens((refused) => asked.push(refused));
  const wanted = reasonOf(tokens.renew("old"));
  tokens.fail({ type: "token-failed", refused: "old", reason: "no such user" });
  assert.match((await wanted).message, /no such user/);
  void tokens.renew("old");
  assert.equal(asked, ["old", "old"]);
});

test("answers that no worker waits for change nothing", () => {
  const tokens = new WantedTokens(() => {});
  tokens.answer("unknown", "new");
  tokens.fail({ type: "token-failed", refused: "unknown", reason: "" });
});

test.run();
