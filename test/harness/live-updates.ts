/** Reads a live page and its updates (server-sent events) as a browser does. */
import { get } from "node:http";
import * as assert from "uvu/assert";
import type { LiveUpdate } from "../../src/report/html/live-page.ts";

export interface ReadUpdates {
  updates: LiveUpdate[];
  /** The server ended the updates. */
  isClosed: boolean;
}

/** @param url of the page, with a slash at the end */
export function readUpdates(url: string): ReadUpdates {
  const read: ReadUpdates = { updates: [], isClosed: false };
  let text = "";
  get(`${url}updates`, (response) => {
    assert.is(response.headers["content-type"], "text/event-stream");
    response.setEncoding("utf8").on("data", (part: string) => {
      const messages = (text + part).split("\n\n");
      text = messages.pop()!;
      for (const message of messages) read.updates.push(JSON.parse(message.slice(6)));
    });
    response.on("close", () => {
      read.isClosed = true;
    });
  });
  return read;
}

/** The visible content of a page. */
export function mainOf(page: string): string {
  return /<main>([\s\S]*)<\/main>/.exec(page)![1]!;
}
