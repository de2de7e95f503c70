/** `npm run lab`: the sample mailbox on a real server, until Ctrl-C. */

import { parseArgs } from "node:util";
import { openMailbox } from "../examples/quickstart/mailbox.ts";

const { lang, folder: kept } = parseArgs({ options: { lang: { type: "string" }, folder: { type: "string" } } }).values;
const german = (lang ?? process.env.LC_ALL ?? process.env.LANG ?? "").startsWith("de");

/** Before anything is started: a signal that comes early ends it as well. */
const ended = new Promise<void>((resolve) => {
  const idle = setInterval(() => undefined, 60_000);
  const end = (): void => {
    clearInterval(idle);
    resolve();
  };
  process.once("SIGINT", end).once("SIGTERM", end);
});

await using mailbox = await openMailbox({ folder: kept });
const { address, name, without, folder } = mailbox;
if (!address) {
  console.error(german ? `Hier gibt es keinen Dovecot: ${without}` : `There is no Dovecot here: ${without}`);
  process.exit(1);
} else {
  const { host, port, user, password } = address;
  const init = `GROUPSTREAM_PASSWORD=${password} npx groupstream init --host ${host} --port ${port} --user ${user}`;
  console.log(
    german
      ? `${name} läuft auf ${host}, Port ${port}, ohne TLS; Benutzer ${user}, Passwort ${password}.\nDas Postfach bleibt in ${folder}. Zum Ausprobieren:\n  ${init}\nStrg-C beendet.`
      : `${name} runs at ${host}, port ${port}, without TLS; user ${user}, password ${password}.\nThe mailbox is kept in ${folder}. To try it:\n  ${init}\nCtrl-C ends it.`,
  );
  await ended;
}
