/** Colours are readable in both themes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DARK, LIGHT, type Theme } from "../../../../src/report/html/theme.ts";

/** Relative luminance by WCAG 2. */
function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

function check(name: string, theme: Theme): void {
  test(`text, verdicts and names of lines have a contrast of at least 4.5 in the ${name} theme`, () => {
    const { ink, muted, good, warning, bad, event, slots, page, surface } = theme;
    for (const color of [ink, muted, good, warning, bad, event, ...slots]) {
      assert.ok(contrast(color, page) >= 4.5, `${color} on the page: ${contrast(color, page)}`);
    }
    for (const color of [ink, muted, good, warning, bad]) {
      assert.ok(
        contrast(color, surface) >= 4.5,
        `${color} on a surface: ${contrast(color, surface)}`,
      );
    }
  });

  test(`heatmap figures are readable on every step of the ${name} theme, and steps go one way`, () => {
    for (const { fill, ink } of theme.steps) {
      assert.ok(contrast(fill, ink) >= 4.5, `${ink} on ${fill}: ${contrast(fill, ink)}`);
    }
    const course = theme.steps.map(({ fill }) => contrast(fill, theme.page));
    assert.equal(
      course,
      course.toSorted((a, b) => a - b),
    );
  });
}

check("light", LIGHT);
check("dark", DARK);

test("both themes have the same number of colours for lines and steps", () => {
  assert.equal([LIGHT.slots.length, LIGHT.steps.length], [DARK.slots.length, DARK.steps.length]);
});

test.run();
