/** The other end of a webhook, for benchmarks: verifies every signature and keeps what came, when, and how often. */

import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/** One delivery as it was received. */
export interface Received {
  /** The header `webhook-id`: equal for every attempt of a delivery. */
  readonly id: string;
  readonly activity: {
    readonly id: string;
    readonly type: string;
    readonly object: { readonly id?: string; readonly name?: string };
  };
  /** `performance.now()` of this process when the last byte was there. */
  readonly at: number;
}

/** A receiver on loopback; disposing it closes the port. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** In the order they came, repeats included. */
  readonly received: readonly Received[];
  /** Requests whose signature was wrong; answered 401. */
  readonly forged: number;
}

/** Listens on a free port; `secret` is the one the webhook signs with. */
export const startReceiver = async (secret: string): Promise<Receiver> => {
  const verifier = new Webhook(secret);
  const received: Received[] = [];
  let forged = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const at = performance.now();
      const headers = request.headers as Record<string, string>;
      try {
        const activity = verifier.verify(Buffer.concat(chunks).toString(), headers) as Received["activity"];
        received.push({ id: headers["webhook-id"] ?? "", activity, at });
        response.writeHead(204).end();
      } catch {
        forged += 1;
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/activities`,
    received,
    get forged() {
      return forged;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
