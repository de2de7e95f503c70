/** A proxy on loopback that can cut, hold back and swallow what passes through it. */

import { connect, createServer, type Socket } from "node:net";

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** How many pieces the clients have sent. */
  readonly asked: number;
  /** Cuts every open connection, now; new ones are accepted again. */
  cut(): void;
  /** What the server says takes so long to arrive, ms. */
  delay: number;
  /** What the client says from now on is passed on, and nothing that the server says. */
  mute: boolean;
  /** What the client says is cut off with the connection as soon as it holds this text; passed on before. */
  cutAfter: string | undefined;
  /** As {@link cutAfter}, and the piece that holds it is not passed on. */
  cutBefore: string | undefined;
}

export const startTcpProxy = async (target: number): Promise<TcpProxy> => {
  const open = new Set<Socket>();
  let asked = 0;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => {
          open.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.on("data", (data) => {
      asked += 1;
      const holds = (text: string | undefined): boolean => text !== undefined && data.includes(text);
      if (holds(proxy.cutBefore)) {
        proxy.cutBefore = undefined;
        client.destroy();
        return;
      }
      upstream.write(data);
      if (!holds(proxy.cutAfter)) return;
      proxy.cutAfter = undefined;
      client.destroy();
      // What was written still reaches the server.
      upstream.end();
    });
    upstream.on("data", (data) => {
      if (proxy.mute) return;
      if (proxy.delay > 0) setTimeout(() => client.writable && client.write(data), proxy.delay);
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const proxy: TcpProxy = {
    port: typeof address === "object" && address ? address.port : 0,
    get asked() {
      return asked;
    },
    delay: 0,
    mute: false,
    cutAfter: undefined,
    cutBefore: undefined,
    cut() {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      proxy.cut();
      await closed;
    },
  };
  return proxy;
};
