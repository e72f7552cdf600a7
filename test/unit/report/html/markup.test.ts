/** Text never becomes markup, anywhere in a page. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { escapeHtml, html, Markup, NOTHING } from "../../../../src/report/html/markup.ts";
import { anyCharacter } from "../../../fixtures/characters.ts";

test("values are escaped, markup is kept, null is empty and arrays are joined", () => {
  const inner = html`<b title="${'"x" & <y>'}">${"1 < 2"}</b>`;
  assert.is(inner.text, '<b title="&#34;x&#34; &#38; &#60;y&#62;">1 &#60; 2</b>');
  assert.is(html`${[inner, NOTHING, null, 3, ["a", "&"]]}`.text, `${inner.text}3a&#38;`);
});

test("no text adds a tag, a quote or an entity to a page", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      assert.not.match(escapeHtml(text).replace(/&#\d+;/g, ""), /[<>"'&]/);
      assert.is(html`<p>${text}</p>`.text, `<p>${escapeHtml(text)}</p>`);
    }),
  );
});

test("control characters, which HTML does not allow, are written as escapes", () => {
  assert.is(escapeHtml("a\u0000b\u001bc\nd"), "a\\u0000b\\u001bc\nd");
});

test("only the literal parts of a template are trusted", () => {
  const script = "<script>alert(1)</script>";
  assert.not.ok(html`${script}`.text.includes("<script"));
  assert.ok(html`${new Markup(script)}`.text.includes("<script"));
});

test.run();
