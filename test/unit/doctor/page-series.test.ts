/** Reads a member's pages over a window from servers that answer well, badly and not at all. */
import { createServer, type Server } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PageSeries } from "../../../src/doctor/page-series.ts";
import { PageReader } from "../../../src/etcd/fetch-page.ts";

const test = suite<{ server: Server; url: string; pages: PageReader; answers: (string | null)[] }>(
  "page series",
);

test.before.each(async (context) => {
  context.answers = [];
  // Null: no answer at all.
  context.server = createServer((_, response) => {
    const answer = context.answers.shift();
    if (answer === null) return;
    response.statusCode = answer === undefined ? 500 : 200;
    response.end(answer ?? "");
  });
  await new Promise<void>((resolve) => context.server.listen(0, "127.0.0.1", resolve));
  context.url = `http://127.0.0.1:${(context.server.address() as { port: number }).port}`;
  context.pages = new PageReader(null, false);
});

test.after.each(async ({ server, pages }) => {
  pages.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const page = (pending: number, id = "1f") =>
  `etcd_server_id{server_id="${id}"} 1\netcd_server_proposals_pending ${pending}\n`;

test("gauges are read at every reading, and the kept pages are the first and the last", async ({
  url,
  pages,
  answers,
}) => {
  const series = new PageSeries({ id: "1f", urls: [url], pages });
  answers.push(page(1), page(9), page(2));
  await series.begin();
  await series.sample();
  await series.sample();
  const { first, last, seconds, fault, gauges } = series.result();
  assert.is(first!.value("etcd_server_proposals_pending"), 1);
  assert.is(last!.value("etcd_server_proposals_pending"), 2);
  assert.ok(seconds! > 0 && fault === null);
  assert.equal(gauges.get("etcd_server_proposals_pending"), {
    ...{ readings: 3, least: 1, most: 9, mean: 4, last: 2 },
  });
});

test("a member without a page, or with another member's page, has a reason", async ({
  url,
  pages,
  answers,
}) => {
  answers.push(page(1, "2f"), "<html>");
  const other = new PageSeries({ id: "1f", urls: [url], pages });
  await other.begin();
  assert.match(other.result().fault!, /its page is that of member 2f/);
  const none = new PageSeries({ id: "1f", urls: [url], pages });
  await none.begin();
  assert.match(none.result().fault!, /is not that of an etcd member/);
  answers.push(page(3));
  await none.sample();
  assert.ok(none.result().first !== null && none.result().fault === null, "it answers by now");
  assert.is(none.result().last, null);
});

test("a reading that fails or never ends leaves the earlier pages", async ({
  url,
  pages,
  answers,
}) => {
  const series = new PageSeries({ id: null, urls: [url], pages, timeoutMs: 200 });
  answers.push(page(1), page(2), null);
  await series.begin();
  await series.sample();
  await series.sample();
  await series.sample();
  const { last, fault } = series.result();
  assert.is(last!.value("etcd_server_proposals_pending"), 2);
  assert.match(fault!, /^2 readings failed, the last one: HTTP status 500/);
});

test.run();
