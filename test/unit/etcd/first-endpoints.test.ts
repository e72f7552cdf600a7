/** A member that several endpoints name counts once. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { firstEndpoints } from "../../../src/etcd/first-endpoints.ts";

test("of each member the first endpoint is left, and all whose member is not known", () => {
  const endpoints = ["localhost:1", "127.0.0.1:1", "lb:1", "127.0.0.1:2", "lb:2"];
  const memberIdOf = new Map([
    ["localhost:1", "a"],
    ["127.0.0.1:1", "a"],
    ["127.0.0.1:2", "b"],
  ]);
  assert.equal(firstEndpoints(endpoints, memberIdOf), [
    "localhost:1",
    "lb:1",
    "127.0.0.1:2",
    "lb:2",
  ]);
  assert.equal(firstEndpoints(endpoints, undefined), endpoints);
});

test.run();
