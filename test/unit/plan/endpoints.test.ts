/** Tests parsing lists of endpoints. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, EXIT } from "../../../src/errors.ts";
import { authorityOf, splitEndpoint } from "../../../src/net/host-port.ts";
import {
  parseEndpointList,
  parseEndpoints,
  parseMetricsEndpoints,
} from "../../../src/plan/endpoints.ts";

test("a list of endpoints is read as etcdctl reads it", () => {
  assert.equal(parseEndpoints("127.0.0.1:2379", "--endpoints"), ["127.0.0.1:2379"]);
  assert.equal(
    parseEndpoints(
      "http://A.example:2379, b_1:1,HTTP://c:65535/,[::1]:2379,http://[fe80::1]:80",
      "--endpoints",
    ),
    ["a.example:2379", "b_1:1", "c:65535", "[::1]:2379", "[fe80::1]:80"],
  );
});

test("an IPv6 zone is kept as written, with its percent sign escaped or not", () => {
  const read = (list: string) => parseEndpoints(list, "--endpoints");
  assert.equal(read("[::1%lo]:2379"), ["[::1%lo]:2379"]);
  assert.equal(read("http://[FE80::1%25Eth0]:2379/"), ["[fe80::1%Eth0]:2379"]);
  assert.equal(read("[fe80::1%25]:1"), ["[fe80::1%25]:1"]);
  assert.equal(splitEndpoint("[fe80::1%Eth0]:2379"), { host: "fe80::1%Eth0", port: 2379 });
  assert.is(authorityOf("[fe80::1%Eth0]:2379"), "[fe80::1]:2379");
  for (const plain of ["[::1]:2379", "a:1", "127.0.0.1:2"]) assert.is(authorityOf(plain), plain);
});

test("one scheme in a list sets TLS for the whole list", () => {
  const schemeOf = (list: string) => parseEndpointList(list, "--endpoints").scheme;
  assert.is(schemeOf("a:1,b:2"), null);
  assert.is(schemeOf("http://a:1,b:2"), "http");
  assert.is(schemeOf("HTTPS://a:1,https://b:2"), "https");
  assert.equal(parseEndpoints("https://A:1", "--endpoints"), ["a:1"]);
});

const REFUSED: [list: string, names: RegExp][] = [
  ["", /empty/],
  ["a:1,,b:1", /empty/],
  ["a:1,", /empty/],
  ["http://a:2379,https://b:2379", /mixes http:\/\/ and https:\/\//],
  ["unix://a:1", /scheme unix: write host:port/],
  ["localhost", /"localhost" has no port: write localhost:2379/],
  ["[::1]", /write \[::1\]:2379/],
  ["::1", /brackets/],
  ["fe80::1:2379", /brackets/],
  ["a:0", /port "0".*1 to 65535/],
  ["a:65536", /65535/],
  ["a:-1", /65535/],
  ["a:2379x", /65535/],
  ["a:", /65535/],
  [":2379", /no valid host/],
  ["a b:2379", /no valid host/],
  ["user@a:2379", /a user before an @/],
  ["300.1.1.1:2379", /no valid host/],
  ["[zz]:2379", /no valid host/],
  ["[::1%]:2379", /no valid host/],
  ["[::1%a b]:2379", /no valid host/],
  ["-a:2379", /no valid host/],
  ["a:1:2", /"a:1:2"/],
  ["http://a:2379/v3", /has a path/],
  ["http://", /no valid host/],
  ["a:1,A:1", /a:1 twice/],
];

for (const [list, names] of REFUSED) {
  test(`the list "${list}" is refused in one line that names flag, item and fix`, () => {
    try {
      parseEndpoints(list, "--endpoints");
    } catch (error) {
      assert.instance(error, BenchError);
      assert.is((error as BenchError).exitCode, EXIT.usage);
      assert.match((error as BenchError).message, /^--endpoints/);
      assert.match((error as BenchError).message, names);
      assert.not.match((error as BenchError).message, /\n/);
      return;
    }
    assert.unreachable("it was taken");
  });
}

test("metrics endpoints may end in /metrics and are parsed to URLs", () => {
  assert.equal(parseMetricsEndpoints("a:1,http://b:2,http://c:3/metrics", "--metrics-endpoints"), [
    "http://a:1",
    "http://b:2",
    "http://c:3",
  ]);
  assert.equal(parseMetricsEndpoints("https://a:1/metrics", "--metrics-endpoints"), [
    "https://a:1",
  ]);
  assert.equal(parseMetricsEndpoints("a:1", "--metrics-endpoints", "https"), ["https://a:1"]);
});

test("host and port are split, IPv6 without its brackets", () => {
  assert.equal(splitEndpoint("a:1"), { host: "a", port: 1 });
  assert.equal(splitEndpoint("[::1]:2379"), { host: "::1", port: 2379 });
});

test("every accepted endpoint is a host:port that parses to itself, and only BenchErrors are thrown", () => {
  const item = fc.oneof(
    fc.string(),
    fc
      .tuple(
        fc.constantFrom("", "http://", "https://"),
        fc.domain(),
        fc.integer({ min: -1, max: 70000 }),
      )
      .map(([s, h, p]) => `${s}${h}:${p}`),
    fc.tuple(fc.ipV6(), fc.nat(70000)).map(([h, p]) => `[${h}]:${p}`),
  );
  fc.assert(
    fc.property(item, (text) => {
      try {
        const endpoints = parseEndpoints(text, "--endpoints");
        assert.equal(parseEndpoints(endpoints.join(","), "--endpoints"), endpoints);
        for (const endpoint of endpoints) {
          const { host, port } = splitEndpoint(endpoint);
          assert.ok(host.length > 0 && port >= 1 && port <= 65535, endpoint);
        }
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
      }
    }),
  );
});

test.run();
