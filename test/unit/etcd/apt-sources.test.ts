/** Tests reading and writing apt sources in both formats. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  distributionMirrors,
  formatDeb822Source,
  parseDeb822Sources,
  parseOneLineSources,
  readAptSources,
} from "../../../src/etcd/etcd-binary/apt-sources.ts";

const KEYRING = "/usr/share/keyrings/archive.gpg";

test("the one-line format gives URI, suite, components and keyring", () => {
  const sources = parseOneLineSources(
    [
      "# deb http://commented.example/debian bookworm main",
      "",
      `deb [arch=amd64 signed-by=${KEYRING}] http://mirror.example/debian bookworm main contrib # x`,
      "deb-src http://mirror.example/debian bookworm main",
      "  deb http://mirror.example/debian-security bookworm-security main",
      "deb http://flat.example/repo ./",
    ].join("\n"),
  );
  assert.equal(sources, [
    {
      uri: "http://mirror.example/debian",
      suite: "bookworm",
      components: ["main", "contrib"],
      options: { "Signed-By": KEYRING },
    },
    {
      uri: "http://mirror.example/debian-security",
      suite: "bookworm-security",
      components: ["main"],
      options: {},
    },
    { uri: "http://flat.example/repo", suite: "./", components: [], options: {} },
  ]);
});

test("a deb822 stanza gives one source for each URI and suite, and comments are skipped", () => {
  const sources = parseDeb822Sources(
    [
      "Types: deb deb-src",
      "# a comment inside a stanza",
      "URIs: http://a.example/debian http://b.example/debian",
      "Suites: bookworm",
      " bookworm-updates",
      "Components: main",
      `Signed-By: ${KEYRING}`,
      "",
      "Types: deb-src",
      "URIs: http://source.example/debian",
      "Suites: bookworm",
      "Components: main",
      "",
      "types: deb",
      "enabled: no",
      "uris: http://disabled.example/debian",
      "suites: bookworm",
      "components: main",
    ].join("\n"),
  );
  assert.equal(
    sources.map(({ uri, suite }) => `${uri} ${suite}`),
    [
      "http://a.example/debian bookworm",
      "http://a.example/debian bookworm-updates",
      "http://b.example/debian bookworm",
      "http://b.example/debian bookworm-updates",
    ],
  );
  assert.ok(sources.every((source) => source.options["Signed-By"] === KEYRING));
});

test("a source written as deb822 is read back the same, with its embedded key", () => {
  const key =
    "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----";
  const source = {
    uri: "http://mirror.example/debian",
    suite: "sid",
    components: ["main", "contrib"],
    options: { "Signed-By": key, Trusted: "yes" },
  };
  assert.equal(parseDeb822Sources(formatDeb822Source(source)), [source]);
});

test("sources of both formats are read from one apt folder, and disabled files are not", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-apt-"));
  try {
    assert.equal(readAptSources(folder), []);
    mkdirSync(join(folder, "sources.list.d"));
    const line = (host: string) => `deb http://${host}.example/debian sid main\n`;
    writeFileSync(join(folder, "sources.list"), line("one"));
    writeFileSync(join(folder, "sources.list.d", "two.list"), line("two"));
    writeFileSync(join(folder, "sources.list.d", "off.list.disabled"), line("off"));
    writeFileSync(
      join(folder, "sources.list.d", "three.sources"),
      "Types: deb\nURIs: http://three.example/debian\nSuites: sid\nComponents: main\n",
    );
    assert.equal(
      readAptSources(folder).map((source) => source.uri),
      ["one", "three", "two"].map((host) => `http://${host}.example/debian`),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("mirrors are only sources of the distribution, one for each URI, /debian first", () => {
  const sources = parseOneLineSources(
    [
      "deb http://vendor.example/apt bookworm main",
      "deb http://mirror.example/debian/ bookworm main",
      "deb http://mirror.example/debian bookworm contrib",
      "deb http://mirror.example/debian bookworm-updates main",
      "deb http://mirror.example/debian-security bookworm-security main",
      "deb http://docker.example/linux/debian bookworm stable",
      "deb http://node.example/node_20.x nodistro main",
    ].join("\n"),
  );
  assert.equal(
    distributionMirrors(sources, "bookworm").map(({ uri, components }) => ({ uri, components })),
    [
      { uri: "http://mirror.example/debian", components: ["main", "contrib"] },
      { uri: "http://vendor.example/apt", components: ["main"] },
    ],
  );
  assert.equal(distributionMirrors(sources, null), []);
});

test.run();
