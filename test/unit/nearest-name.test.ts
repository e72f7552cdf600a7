/** The guess at what an unknown name was meant to be. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nearestName } from "../../src/nearest-name.ts";

const NAMES = ["total", "clients", "conns", "key-size", "key-space-size", "warmup"];

test("a slip of the keyboard names the nearest", () => {
  assert.is(nearestName("totla", NAMES), "total");
  assert.is(nearestName("client", NAMES), "clients");
  assert.is(nearestName("keysize", NAMES), "key-size");
  assert.is(nearestName("warm-up", NAMES), "warmup");
});

test("a part of one name names it", () => {
  assert.is(nearestName("key-space", NAMES), "key-space-size");
});

test("a word that resembles none names none", () => {
  assert.is(nearestName("xyzzyxyzzy", NAMES), null);
  assert.is(nearestName("x", []), null);
});

test.run();
