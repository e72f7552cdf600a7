/** Tests reading the variables of a `.env` file. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseEnvFile } from "../../../../src/etcd/procfile/env-file.ts";

test("a line is a name and a value, with or without export, quotes and a comment", () => {
  const text = [
    ...["# a comment", "", "A=1", "export B = two words # and a comment", "C='it # stays'"],
    ...['D="a\\nb \\"c\\"" # comment', "E=", "F=http://127.0.0.1:1/#x", "G: yaml", "no variable"],
  ].join("\r\n");
  assert.equal(parseEnvFile(text), {
    A: "1",
    B: "two words",
    C: "it # stays",
    D: 'a\nb "c"',
    E: "",
    F: "http://127.0.0.1:1/#x",
    G: "yaml",
  });
});

test("the last of two lines with the same name counts", () => {
  assert.equal(parseEnvFile("A=1\nA=2\n"), { A: "2" });
});

test.run();
