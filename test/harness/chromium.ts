/**
 * Runs a headless Chromium and opens pages in it, over the DevTools protocol on two pipes. It uses
 * an installed Chromium or `$BENCH_TEST_CHROMIUM`; it downloads nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { until } from "./conditions.ts";

const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "headless_shell",
];

/** Path of Chromium; null when there is none. */
export function findChromium(): string | null {
  const { BENCH_TEST_CHROMIUM: named, PATH = "" } = process.env;
  if (named) return named;
  const folders = PATH.split(path.delimiter);
  const files = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return files.find((file) => existsSync(file)) ?? null;
}

interface Message {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

type Listener = (message: Message) => void;

export interface View {
  widthPx: number;
  heightPx: number;
  theme: "light" | "dark";
  media?: "screen" | "print";
}

export class Chromium {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, { resolve: (of: Message) => void; reject: Listener }>();
  readonly #listeners = new Set<Listener>();
  #nextId = 1;
  #unread = "";

  private constructor(binary: string, folder: string) {
    this.#folder = folder;
    const args = [
      "--headless",
      "--remote-debugging-pipe",
      `--user-data-dir=${folder}`,
      "--no-first-run",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--hide-scrollbars",
      // The sandbox of Chromium does not run as root, and the pages are our own.
      "--no-sandbox",
      "about:blank",
    ];
    this.#process = spawn(binary, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.#ended = new Promise((resolve) => {
      this.#process.once("close", () => {
        this.#failAll("Chromium ended");
        resolve();
      });
      this.#process.once("error", (error) => {
        this.#failAll(error.message);
        resolve();
      });
    });
    const output = this.#process.stdio[4] as Readable;
    output.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    (this.#process.stdio[3] as Writable).on("error", (error) => this.#failAll(error.message));
  }

  static async launch(binary: string): Promise<Chromium> {
    const folder = await mkdtemp(path.join(tmpdir(), "bench-chromium-"));
    return new Chromium(binary, folder);
  }

  /** Ends the process and removes its folder. */
  async close(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#ended;
    await until("Chromium's folder is gone", () => this.#removeFolder());
  }

  /**
   * Chromium's children end on their own and may write for a while, so a failed removal does not fail
   * the test. The retries of rmSync do not read a folder again.
   */
  #removeFolder(): boolean {
    try {
      rmSync(this.#folder, { recursive: true, force: true });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOTEMPTY") return false;
      throw error;
    }
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = this.#nextId++;
    const answer = new Promise<Message>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    (this.#process.stdio[3] as Writable).write(
      `${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`,
    );
    return answer.then(({ result }) => result ?? {});
  }

  on(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Opens a file as a user does. */
  open(file: string, view: View): Promise<BrowserPage> {
    return this.visit(pathToFileURL(file).href, view);
  }

  async visit(url: string, view: View): Promise<BrowserPage> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const attached = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new BrowserPage(this, attached.sessionId as string, targetId as string);
    await page.load(url, view);
    return page;
  }

  #read(text: string): void {
    const parts = (this.#unread + text).split("\0");
    this.#unread = parts.pop()!;
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
      if (waiting === undefined) {
        for (const listener of this.#listeners) listener(message);
        continue;
      }
      this.#waiting.delete(message.id!);
      if (message.error === undefined) waiting.resolve(message);
      else waiting.reject(new Error(message.error.message) as never);
    }
  }

  #failAll(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason) as never);
    this.#waiting.clear();
  }
}

export class BrowserPage {
  /** Errors and warnings of the console and of the page's scripts. */
  readonly complaints: string[] = [];
  /** URLs that were requested in addition to the page. */
  readonly requests: string[] = [];
  readonly #browser: Chromium;
  readonly #sessionId: string;
  readonly #targetId: string;
  #onLoad = () => {};

  constructor(browser: Chromium, sessionId: string, targetId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    this.#targetId = targetId;
    browser.on((message) => {
      if (message.sessionId === sessionId) this.#hear(message);
    });
  }

  async load(url: string, view: View): Promise<void> {
    for (const domain of ["Page", "Runtime", "Log", "Network"])
      await this.#send(`${domain}.enable`);
    await this.show(view);
    const loaded = new Promise<void>((resolve) => {
      this.#onLoad = resolve;
    });
    await this.#send("Page.navigate", { url });
    await loaded;
  }

  async show({ widthPx, heightPx, theme, media = "screen" }: View): Promise<void> {
    await this.#send("Emulation.setDeviceMetricsOverride", {
      width: widthPx,
      height: heightPx,
      deviceScaleFactor: 1,
      mobile: widthPx < 600,
    });
    await this.#send("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: theme }],
    });
  }

  /** The value of an expression, sent as JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.#send("Runtime.evaluate", { expression, returnByValue: true });
    const { exceptionDetails } = answer as { exceptionDetails?: { text: string } };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (answer.result as { value: T }).value;
  }

  async movePointer(x: number, y: number): Promise<void> {
    await this.#send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  }

  async pressKey(key: string): Promise<void> {
    await this.#send("Input.dispatchKeyEvent", { type: "keyDown", key });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", key });
  }

  async close(): Promise<void> {
    await this.#browser.send("Target.closeTarget", { targetId: this.#targetId });
  }

  #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.send(method, params, this.#sessionId);
  }

  #hear({ method, params = {} }: Message): void {
    if (method === "Page.loadEventFired") this.#onLoad();
    if (method === "Runtime.exceptionThrown") this.complaints.push(JSON.stringify(params));
    if (method === "Runtime.consoleAPICalled" && params.type !== "log") {
      this.complaints.push(JSON.stringify(params.args));
    }
    if (method === "Log.entryAdded") this.complaints.push(JSON.stringify(params.entry));
    if (method === "Network.requestWillBeSent") {
      const { url } = params.request as { url: string };
      if (!url.startsWith("data:")) this.requests.push(url);
    }
  }
}
