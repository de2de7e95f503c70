/** Ports on loopback, and waiting for them. */

import { connect, createServer } from "node:net";

/** A port that nobody listens at now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

/** True if somebody takes connections there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (held: boolean) => (): void => {
      socket.destroy();
      resolve(held);
    };
    socket.once("connect", end(true)).once("error", end(false));
  });

export const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
