/** Hosts of --ssh: names, users, ports and addresses, and texts that are more than a name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { agentNames, describeHost, readHosts } from "../../../../src/placement/ssh/hosts.ts";

const read = (text: string) => readHosts("--ssh", text);

test("a list has names, users, ports, and IPv6 addresses with or without brackets", () => {
  assert.equal(read("host1,me@host2:2222,10.0.0.5,[2001:db8::1]:22,fe80::1%eth0,me@[::1]"), [
    { destination: "host1", port: null },
    { destination: "me@host2", port: 2222 },
    { destination: "10.0.0.5", port: null },
    { destination: "2001:db8::1", port: 22 },
    { destination: "fe80::1%eth0", port: null },
    { destination: "me@::1", port: null },
  ]);
  assert.equal(read("DOMAIN\\me@host,me@corp@host"), [
    { destination: "DOMAIN\\me@host", port: null },
    { destination: "me@corp@host", port: null },
  ]);
});

test("a host is described as it is given", () => {
  for (const text of ["host1", "me@host2:2222", "[2001:db8::1]:22", "me@[::1]:2200", "::1"]) {
    assert.is(describeHost(read(text)[0]!), text);
  }
});

test("a text that a shell or ssh could read as more than a name is refused", () => {
  const hostile = [
    ...["", "a,", ",a", " a", "a b", "-oProxyCommand=id", "me@-oProxyCommand=id", "-l@host"],
    ...["a;id", "$(id)", "`id`", "a'b", 'a"b', "a|b", "a&b", "a>b", "a\nb", "a\0b", "%h", "a*"],
    ...["host:", "host:0", "host:22a", "host:-1", "[::1", "[::1]x", "[host]:22"],
    ...["@host", "me@", "a\\b", "ssh://host", "me:secret@host", "h\u00f6st"],
  ];
  for (const text of hostile) {
    assert.throws(() => read(text), /^--ssh: ".*" is no host/s, JSON.stringify(text));
  }
});

test("a port above the highest is refused as such", () => {
  for (const text of ["host:65536", "me@[::1]:99999", `host:${"9".repeat(40)}`]) {
    assert.throws(
      () => read(text),
      /^--ssh: ".*": the port is above 65535; give that of its sshd$/,
    );
  }
  assert.is(read("host:65535")[0]!.port, 65_535);
});

test("a repeated host is refused, and the same name with another port or user is another host", () => {
  assert.throws(() => read("a,b,a"), /--ssh: a is there twice/);
  assert.throws(() => read("[::1]:22,[::1]:22"), /\[::1\]:22 is there twice/);
  assert.is(read("a,a:22,me@a").length, 3);
});

test("agents have the names of their hosts, with a number where two hosts share a name", () => {
  assert.equal(agentNames(read("me@a:1,a:2,[::1]:22,b.example.org")), [
    ...["a", "a-2", "--1", "b.example.org"],
  ]);
});

test("a numbered name is never the name of another host", () => {
  assert.equal(agentNames(read("a:1,a:2,a-2")), ["a", "a-2", "a-2-2"]);
  assert.equal(agentNames(read("a-2,a:1,a:2")), ["a-2", "a", "a-3"]);
});

test.run();
