/** Tests the advice to turn TLS off, which names the variables or flags that turn it on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { howToLeaveTls } from "../../../src/access/asked-for-tls.ts";

test("the advice for TLS from variables is to unset them, and for TLS from flags to leave them out", () => {
  const ofFlags = "write http:// and leave the TLS flags out";
  assert.is(howToLeaveTls({}), ofFlags);
  assert.is(howToLeaveTls({ ETCDCTL_CACERT: "", ETCDCTL_ENDPOINTS: "https://a:1" }), ofFlags);
  assert.is(
    howToLeaveTls({ ETCDCTL_CACERT: "ca.pem" }),
    "write http://, since TLS comes from ETCDCTL_CACERT, or unset it",
  );
  assert.match(
    howToLeaveTls({ ETCDCTL_CERT: "c", ETCDCTL_KEY: "k" }),
    /ETCDCTL_CERT and ETCDCTL_KEY, or unset them$/,
  );
});

test.run();
