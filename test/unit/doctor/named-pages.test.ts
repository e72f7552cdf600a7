/** Which member's metrics are at each URL of --metrics-endpoints. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { namedPages } from "../../../src/doctor/named-pages.ts";

const pageOf = (id: string) => `etcd_server_id{server_id="${id}"} 1\n`;

/** Pages by URL; null: no answer. */
function reader(pages: Readonly<Record<string, string | null>>) {
  return {
    asked: [] as string[],
    async read(url: string): Promise<string> {
      this.asked.push(url);
      const page = pages[url];
      if (page == null) throw new Error("no answer in 3000 ms");
      return page;
    },
  };
}

test("each URL belongs to the member whose page it has, and a member may have two URLs", async () => {
  const pages = reader({
    "http://a:1/metrics": pageOf("1f"),
    "http://b:1/metrics": pageOf("2f"),
    "http://b:2/metrics": pageOf("2f"),
  });
  const { byId, unread } = await namedPages(["http://b:2", "http://a:1", "http://b:1"], pages);
  assert.equal([...byId].toSorted(), [
    ["1f", ["http://a:1"]],
    ["2f", ["http://b:2", "http://b:1"]],
  ]);
  assert.equal(unread, []);
  assert.is(pages.asked.length, 3);
});

test("URLs without a member's page stay for the members that have no page", async () => {
  const pages = reader({
    "http://a:1/metrics": pageOf("1f"),
    "http://proxy:1/metrics": "go_goroutines 9\n",
    "http://silent:1/metrics": null,
  });
  const urls = ["http://silent:1", "http://a:1", "http://proxy:1"];
  const { byId, unread } = await namedPages(urls, pages);
  assert.equal([...byId.keys()], ["1f"]);
  assert.equal(unread, ["http://silent:1", "http://proxy:1"]);
});

test("URLs do not wait for each other", async () => {
  let answer: (page: string) => void = () => {};
  const silent = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const pages = {
    read: (url: string) => {
      if (url.startsWith("http://silent")) return silent;
      answer(pageOf("2f"));
      return Promise.resolve(pageOf("1f"));
    },
  };
  const { byId } = await namedPages(["http://silent:1", "http://a:1"], pages);
  assert.equal([...byId.keys()].toSorted(), ["1f", "2f"]);
});

test.run();
