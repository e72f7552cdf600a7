/** Words why a connection failed. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectWords } from "../../../src/net/connect-words.ts";

test("the words on a connection that failed have no address of this side", () => {
  for (const address of ["undefined:undefined", "0.0.0.0:0", ":::0"]) {
    const error = new Error(`connect EMFILE 127.0.0.1:9 - Local (${address})`);
    assert.is(connectWords(error), "connect EMFILE 127.0.0.1:9");
  }
});

test("the words on a name with several addresses have the error of each", () => {
  const errors = [
    new Error("connect ENETUNREACH ::1:9 - Local (:::0)"),
    new Error("connect ECONNREFUSED 127.0.0.1:9"),
  ];
  const words = connectWords(new AggregateError(errors));
  assert.is(words, "connect ENETUNREACH ::1:9; connect ECONNREFUSED 127.0.0.1:9");
});

test.run();
