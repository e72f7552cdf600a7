/**
 * Posts bodies to one URL over connections that stay, by Node's HTTP client: its fetch would compile a
 * parser of its own while the run goes on, and takes several times the CPU for a request.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import querystring from "node:querystring";
import { dataWithoutSecrets } from "../text/secrets.ts";

/** Of what a receiver answers, as far as it is printed. */
const MOST_CHARACTERS = 220;
/** As far as it is read: a secret that is read in part would not be found in it. */
const MOST_READ_CHARACTERS = 2000;

export class Poster {
  /** Without secrets: a query may hold a token. */
  readonly address: string;
  readonly #url: URL;
  readonly #headers: Record<string, string>;
  readonly #agent: HttpAgent;

  /** @param url a user in it gets in by Basic authentication */
  constructor(url: URL, headers: Record<string, string>) {
    const { username, password } = url;
    const user = `${querystring.unescape(username)}:${querystring.unescape(password)}`;
    this.#url = new URL(url);
    // Node's client would fail over a user that is not encoded well.
    this.#url.username = "";
    this.#url.password = "";
    this.#headers = {
      ...headers,
      ...(username !== "" && { Authorization: `Basic ${Buffer.from(user).toString("base64")}` }),
    };
    this.address = `${url.origin}${url.pathname}`;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = url.protocol === "https:" ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Rejects with the reason where it was not taken, a redirection among others. */
  async send(body: Buffer, signal: AbortSignal): Promise<void> {
    const { statusCode = 0, words } = await this.#answer(body, signal);
    if (statusCode >= 200 && statusCode < 300) return;
    const sentence = `HTTP status ${statusCode}${words === "" ? "" : `: ${words}`}`;
    // Before it is cut short, and as data: the receiver may repeat a token that is a word.
    throw new Error(dataWithoutSecrets(sentence).slice(0, MOST_CHARACTERS));
  }

  /** A connection that the receiver has closed meanwhile is found out by the next request on it. */
  async #answer(body: Buffer, signal: AbortSignal): Promise<Answer> {
    const first = this.#open(body, signal);
    try {
      return await answerTo(first);
    } catch (error) {
      if (!first.reusedSocket || signal.aborted) throw error;
      return await answerTo(this.#open(body, signal));
    }
  }

  #open(body: Buffer, signal: AbortSignal): ClientRequest {
    const open = this.#url.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = { ...this.#headers, "Content-Length": body.length };
    const request = open(this.#url, { method: "POST", agent: this.#agent, headers, signal });
    request.end(body);
    return request;
  }
}

interface Answer {
  statusCode: number | undefined;
  /** Its beginning, on one line: a receiver may send without an end. */
  words: string;
}

function answerTo(request: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => {
      wordsOf(response).then(
        (words) => resolve({ statusCode: response.statusCode, words }),
        reject,
      );
    });
  });
}

async function wordsOf(response: IncomingMessage): Promise<string> {
  let text = "";
  // To leave the loop is to close the connection.
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
    if (text.length >= MOST_READ_CHARACTERS) break;
  }
  return text.trim().replaceAll(/\s+/g, " ");
}
