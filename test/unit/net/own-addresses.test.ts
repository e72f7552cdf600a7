/** The addresses of this machine, on which a server here can listen. */
import { createServer } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isOwnAddress, ownAddresses } from "../../../src/net/own-addresses.ts";
import { checkCoordinationHost } from "../../../src/placement/own-host.ts";

test("a server can listen on every own address", async () => {
  const own = ["127.0.0.1", "127.3.4.5", ...ownAddresses().filter((each) => !/^fe80/i.test(each))];
  for (const host of own) {
    assert.ok(isOwnAddress(host), host);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen({ host, port: 0 }, resolve);
    });
    server.close();
  }
});

test("other addresses, names and an empty text are refused, and the error has the own addresses", () => {
  for (const host of ["203.0.113.7", "2001:db8::7", "localhost", "", "127.0.0.1:80"]) {
    assert.not(isOwnAddress(host), host);
  }
  assert.throws(
    () => checkCoordinationHost("203.0.113.7"),
    /^--coordination-host=203\.0\.113\.7 is no IP address of this machine, which has .*127\.0\.0\.1.*: give one/,
  );
  checkCoordinationHost("127.0.0.1");
});

test.run();
