/** Known passwords and tokens are removed from text and data, and little else is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keepArgumentSecrets } from "../../../src/text/argument-secrets.ts";
import { keepDataSecrets } from "../../../src/text/data-secrets.ts";
import {
  dataWithoutSecrets,
  forgetSecrets,
  keepAddressSecrets,
  keepSecret,
  keepUserSecret,
  withoutSecrets,
} from "../../../src/text/secrets.ts";
import { keepVariableSecrets } from "../../../src/text/variable-secrets.ts";

const test = suite("secrets");
test.before.each(forgetSecrets);
test.after(forgetSecrets);

test("a long secret is removed also from inside a word, in each of its written forms", () => {
  keepUserSecret(`root:it's "s3cret" & <so>`);
  for (const text of [
    `root:it's "s3cret" & <so>`,
    `xit's "s3cret" & <so>y`,
    JSON.stringify({ label: `it's "s3cret" & <so>` }),
    encodeURIComponent(`it's "s3cret" & <so>`),
    `'it'\\''s "s3cret" & <so>'`,
  ]) {
    assert.not.match(withoutSecrets(text), /s3cret/, text);
  }
});

test("the shortest password is removed after its user name only, and the letter alone stays", () => {
  keepUserSecret("root:a");
  assert.is(withoutSecrets("bench put --user=root:a a"), "bench put --user=root:*** a");
  assert.is(withoutSecrets("root:all"), "root:all");
});

test("a password that is a word of bench is removed from labels, and not from figures or states", () => {
  keepUserSecret("root:complete");
  keepSecret("12345");
  const result = {
    status: "complete",
    requests: 12345,
    message: "it is complete",
    labels: { complete: "complete", at: "12345" },
  };
  assert.equal(dataWithoutSecrets(result), {
    status: "complete",
    requests: 12345,
    message: "it is ***",
    labels: { "***": "***", at: "***" },
  });
  assert.is(withoutSecrets("12345 requests are complete"), "12345 requests are complete");
});

test("users in addresses are removed, known or not", () => {
  assert.is(withoutSecrets("at https://ci:x@host/job"), "at https://***@host/job");
  assert.is(withoutSecrets("mail to me@example.com"), "mail to me@example.com");
  keepAddressSecrets("http://root:pa55word@a:1,root:0ther@b:2");
  assert.is(withoutSecrets("pa55word and root:0ther"), "*** and root:***");
});

test("a user is removed in the form of Basic authentication, and with decoded percent signs", () => {
  keepAddressSecrets("http://ro%6ft:pa%40ss+w0rd@a:1");
  const sent = Buffer.from("root:pa@ss+w0rd").toString("base64");
  assert.is(withoutSecrets(`Basic ${sent}, pa@ss+w0rd`), "Basic ***, ***");
});

test("a command line's secrets are found in every spelling", () => {
  for (const argv of [
    ["put", "--user=root:hunter2x"],
    ["put", "--user", "root:hunter2x"],
    ["put", "-user=root:hunter2x"],
    ["run", "quick", "--set=user=root:hunter2x"],
    ["run", "quick", "--set", "user=root:hunter2x"],
    ["run", "quick", "--set=--user=root:hunter2x"],
    ["run", "quick", "--set", "user", "root:hunter2x"],
    ["ab", "put", "--b-flags=--user=root:hunter2x --conns=2"],
    ["ab", "put", "--b-flags", "--conns=2 --user root:hunter2x"],
    ["ab", "put", "--b-flags='--user=root:hunter2x'"],
    ["ab", "put", "--a-flags=--user='root:hunter2x' --conns=2"],
    ["put", "--endpoints=http://root:hunter2x@127.0.0.1:2379"],
    ["put", "--endpoints", "a:1,root:hunter2x@127.0.0.1:2379"],
    ["put", "--label=ci=https://root:hunter2x@example.com"],
    ["put", "--password=hunter2x"],
    ["put", "--User=root:hunter2x"],
    ["report", "root:hunter2x@127.0.0.1:2379"],
    ["put", "--endpoints", "root:hunter2x@[::1]:2379"],
    ["monitor", "--bench=root:hunter2x@127.0.0.1:9464"],
    ["agents", "up", "--ssh=host1,root:hunter2x@host2"],
  ]) {
    forgetSecrets();
    assert.ok(keepArgumentSecrets(argv), argv.join(" "));
    assert.is(withoutSecrets("it is hunter2x."), "it is ***.", argv.join(" "));
  }
  for (const argv of [
    ["put", "--prefix=user", "--conns=2"],
    ["put", "--prefix=etcd:v3.5@eu", "--label=etcd:v3.5@eu"],
    ["put", "--label=image=etcd:v3.5@sha256:abc", "--label=note=a user writes: more"],
  ]) {
    forgetSecrets();
    assert.not.ok(keepArgumentSecrets(argv), argv.join(" "));
    assert.is(withoutSecrets("etcd v3.5: more"), "etcd v3.5: more");
  }
});

test("a password with equals signs is removed also where an error cuts the argument at them", () => {
  for (const argv of [
    ["put", "--user:root:u3Jr8Qx2LmZk9w=="],
    ["run", "s.yaml", "--set", "user:root:u3Jr8Qx2LmZk9w=="],
    ["run", "s.yaml", "--set=user:root:u3Jr8Qx2LmZk9w=="],
  ]) {
    forgetSecrets();
    assert.ok(keepArgumentSecrets(argv), argv.join(" "));
    const cut = argv
      .at(-1)!
      .replace(/=+$/, "")
      .replace(/^--set=/, "");
    assert.not.match(withoutSecrets(`${argv.join(" ")}; ${cut}: no such flag`), "u3Jr8Q");
  }
});

test("the values of a receiver's query are found in every spelling, as written and decoded", () => {
  for (const argv of [
    ["put", "--output=otlp=http://h:1/v1?tenant=1&api_key=tok%54HREE9%40"],
    ["put", "-o", "otlp=http://h:1/v1?api_key=tok%54HREE9%40&tenant=1#x"],
    ["put", "-o", "prometheus-rw=http://h:1/?tok%54HREE9%40"],
    ["put", "-o", "otlp", "http://h:1/?api_key=tok%54HREE9%40"],
    ["put", "-o", "other=https://h:1/?api_key=tok%54HREE9%40"],
    ["put", "--otlp=http://h:1/?api_key=tok%54HREE9%40"],
    ["ab", "put", "--b-flags=-o otlp=http://h/?tenant=1 -o 'otlp=http://i/?k=tok%54HREE9%40'"],
    ['put: {output: [otlp=http://h:1/?api_key=tok%54HREE9%40, "table"]}'],
  ]) {
    forgetSecrets();
    assert.ok(keepArgumentSecrets(argv), argv.join(" "));
    const text = "it is tokTHREE9@ or tok%54HREE9%40 or tokTHREE9%40.";
    assert.is(withoutSecrets(text), "it is *** or *** or ***.", argv.join(" "));
  }
  forgetSecrets();
  keepDataSecrets({ put: { output: ["table", "otlp=http://h:1/?api_key=tok%54HREE9%40"] } });
  assert.is(withoutSecrets("it is tokTHREE9@"), "it is ***");
});

test("a short or common value of a query is removed after its name only", () => {
  keepArgumentSecrets(["-o", "otlp=http://h/v1?v=1&all=true&api_key=tokTHREEx&note=a+b&n%61me=v1"]);
  assert.is(
    withoutSecrets("no key: /v1?v=1&all=true&api_key=tokTHREEx&note=a+b&name=v1, v=12 or note=a b"),
    "no key: /v1?v=***&all=***&api_key=***&note=***&name=***, v=12 or note=***",
  );
  const figures = "1 of v1, true, 1.1 a b";
  assert.is(withoutSecrets(figures), figures);
});

test("the query of a label, a prefix or a file is no secret", () => {
  for (const argv of [
    ["put", "--label=ci=https://ci.example.com/job?id=123456ab", "--output=table"],
    ["put", "-o", "json=a?id=123456ab.json"],
    ["put", "--prefix=/a?id=123456ab", "-o", "otlp=http://h:1"],
  ]) {
    forgetSecrets();
    assert.not.ok(keepArgumentSecrets(argv), argv.join(" "));
    assert.is(withoutSecrets("id=123456ab"), "id=123456ab");
  }
});

test("secrets in the flags of a file are found wherever an address may be", () => {
  keepDataSecrets({
    monitor: { bench: "root:hunter2x@127.0.0.1:9464" },
    output: ["otlp=http://root:pass4word@127.0.0.1", "table"],
    endpoints: "root:0therpass@a:1",
    ...{ prefix: "etcd:v3.5@eu", label: ["etcd:v3.5@eu"] },
  });
  assert.is(withoutSecrets("hunter2x pass4word 0therpass v3.5"), "*** *** *** v3.5");
});

test("variables are secret by their names, in the environment and in a command", () => {
  keepVariableSecrets({
    API_TOKEN: "tok-12345678",
    PGPASSWORD: "it's long",
    MY_SECRET: "short",
    EDITOR: "vi-long-enough",
    http_proxy: "http://ci:pa55word@proxy:3128",
    ETCDCTL_DISCOVERY_SRV: "root:s3cretword@example.com",
  });
  assert.is(
    withoutSecrets("tok-12345678, it's long, short, vi-long-enough, pa55word, s3cretword"),
    "***, ***, short, vi-long-enough, ***, ***",
  );
  forgetSecrets();
  keepArgumentSecrets([
    "put",
    "--event=at=1s exec API_TOKEN='a b c d e' ./cut DB_PASSWORD=hunter2x",
  ]);
  assert.is(withoutSecrets("a b c d e, hunter2x"), "***, ***");
});

test("secrets in the command of an event are removed, and what follows them is kept", () => {
  for (const [command, shown] of [
    ["curl -su root:SEKRET4 http://a:1/", "curl -su root:*** http://a:1/"],
    ["curl -u root:p -v", "curl -u root:*** -v"],
    ["curl -uroot:p -v", "curl -uroot:*** -v"],
    ["curl --user root:SEKRETK x", "curl --user root:*** x"],
    ["curl --user=root:SEKRETK x", "curl --user=root:*** x"],
    ["curl -u 'root:a b' x", "curl -u 'root:***' x"],
    ["curl http://root:SEKRET4@a:1/ x", "curl http://***@a:1/ x"],
    ['curl -H "Authorization: Bearer SEKRET5" x', 'curl -H "Authorization: ***" x'],
    ["curl -H 'proxy-authorization: Basic abc=' x", "curl -H 'proxy-authorization: ***' x"],
    ["sh -c 'curl -H \"X-Api-Key: abc\" y' x", "sh -c 'curl -H \"X-Api-Key: ***\" y' x"],
    ['sh -c "curl -H \\"Cookie: a=b; c=d\\" y" x', 'sh -c "curl -H \\"Cookie: ***\\" y" x'],
    ["call Authorization: SEKRET5 and more", "call Authorization: ***"],
    ["call --with Bearer abc x", "call --with Bearer *** x"],
    ["etcdctl --user root --password s9x get a", "etcdctl --user root --password *** get a"],
    ["etcdctl --password='a b' get a", "etcdctl --password=*** get a"],
    ["env PASSWORD=SEKRETH ./x", "env PASSWORD=*** ./x"],
    ["db_password=a API_KEY=1 ./x", "db_password=*** API_KEY=*** ./x"],
    [`PGPASSWD="a 'b' c"; ./x 'y'`, "PGPASSWD=***; ./x 'y'"],
    ["sh -c 'MY_TOKEN=abc' ./x 'y'", "sh -c 'MY_TOKEN=***' ./x 'y'"],
  ] as const) {
    for (const before of [
      "exec ",
      "at=1s exec ",
      "--event=at=1s for=2s exec ",
      "--set=event=at=1s exec ",
    ]) {
      forgetSecrets();
      assert.ok(keepArgumentSecrets(["put", `${before}${command}`]), command);
      assert.is(withoutSecrets(`${before}${command}`), `${before}${shown}`);
    }
    forgetSecrets();
    keepDataSecrets({ cells: [{ flags: { event: [`at=1s exec ${command}`] } }] });
    assert.is(withoutSecrets(command), shown);
  }
  forgetSecrets();
  for (const command of [
    'curl -u "$WHO" -u root:$PASSWORD -H "Authorization: Bearer $TOKEN" x',
    "PASSWORD=$OTHER etcdctl --key=client-key.pem get key --user root x",
  ]) {
    assert.not.ok(keepArgumentSecrets([`at=1s exec ${command}`]), command);
    assert.is(withoutSecrets(command), command);
  }
});

test("a private key in PEM is cut out of every text, also one on one line or cut short", () => {
  const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
  const pem = (kind: string) => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----`;
  for (const kind of [
    "PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
  ]) {
    const text = pem(kind);
    for (const each of [text, text.replaceAll("\n", "\\n"), text.slice(0, 60)]) {
      const cut = withoutSecrets(`--key: ${each}`);
      assert.not.match(cut, /MIIEv/, each);
      assert.match(cut, /^--key: -----BEGIN /);
    }
    assert.match(withoutSecrets(`${text}: no such file`), /: no such file$/);
  }
  assert.is(withoutSecrets(pem("CERTIFICATE")), pem("CERTIFICATE"), "it is no secret");
});

test.run();
