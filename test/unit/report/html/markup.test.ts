/** Text never becomes markup, wherever in a page it stands. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { escapeHtml, html, Markup, NOTHING } from "../../../../src/report/html/markup.ts";
import { anyCharacter } from "../../../fixtures/characters.ts";

test("values are escaped, markup stands as it is, null and arrays are what is in them", () => {
  const inner = html`<b title="${'"x" & <y>'}">${"1 < 2"}</b>`;
  assert.is(inner.text, '<b title="&#34;x&#34; &#38; &#60;y&#62;">1 &#60; 2</b>');
  assert.is(html`${[inner, NOTHING, null, 3, ["a", "&"]]}`.text, `${inner.text}3a&#38;`);
});

test("no text brings a tag, a quote or an entity into a page", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      assert.not.match(escapeHtml(text).replace(/&#\d+;/g, ""), /[<>"'&]/);
      assert.is(html`<p>${text}</p>`.text, `<p>${escapeHtml(text)}</p>`);
    }),
  );
});

test("control characters, which HTML has no place for, are written out", () => {
  assert.is(escapeHtml("a\u0000b\u001bc\nd"), "a\\u0000b\\u001bc\nd");
});

test("only the literal parts of a template are trusted", () => {
  const script = "<script>alert(1)</script>";
  assert.not.ok(html`${script}`.text.includes("<script"));
  assert.ok(html`${new Markup(script)}`.text.includes("<script"));
});

test.run();
