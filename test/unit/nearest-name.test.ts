/** Tests the suggestion for an unknown name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nearestName } from "../../src/nearest-name.ts";

const NAMES = ["total", "clients", "conns", "key-size", "key-space-size", "warmup"];

test("a typing error gives the nearest name", () => {
  assert.is(nearestName("totla", NAMES), "total");
  assert.is(nearestName("client", NAMES), "clients");
  assert.is(nearestName("keysize", NAMES), "key-size");
  assert.is(nearestName("warm-up", NAMES), "warmup");
});

test("a part of one name gives that name", () => {
  assert.is(nearestName("key-space", NAMES), "key-space-size");
});

test("a word that resembles no name gives none", () => {
  assert.is(nearestName("xyzzyxyzzy", NAMES), null);
  assert.is(nearestName("x", []), null);
});

test.run();
