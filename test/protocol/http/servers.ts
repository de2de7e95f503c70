/** Loopback servers for the tests: HTTP by node:http, and raw TCP for what no HTTP server would say. */

import { createServer as createHttp, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: () => number;
}

const listen = async (server: Server): Promise<Listening> => {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => accepted,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
};

export const http = (listener: RequestListener): Promise<Listening> => listen(createHttp(listener));

/** Calls back with each connection once the request's head has arrived. */
export const tcp = (answer: (socket: Socket) => void): Promise<Listening> =>
  listen(
    createTcp((socket) => {
      socket.once("data", () => answer(socket));
    }),
  );

/** A port nobody listens on: taken, then given back. */
export const closedPort = async (): Promise<number> => {
  const server = await http(() => undefined);
  await server[Symbol.asyncDispose]();
  return server.port;
};
