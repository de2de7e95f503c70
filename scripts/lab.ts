/** `npm run lab`: the sample mailbox on a real server, until Ctrl-C. */

import { parseArgs } from "node:util";
import { openMailbox } from "../examples/quickstart/mailbox.ts";

const { lang } = parseArgs({ options: { lang: { type: "string" } } }).values;
const german = (lang ?? process.env.LC_ALL ?? process.env.LANG ?? "").startsWith("de");

await using mailbox = await openMailbox();
const { address, name, without, folder } = mailbox;
if (!address) {
  console.error(german ? `Hier gibt es keinen Dovecot: ${without}` : `There is no Dovecot here: ${without}`);
  process.exitCode = 1;
} else {
  const { host, port, user, password } = address;
  const init = `GROUPSTREAM_PASSWORD=${password} npx groupstream init --host ${host} --port ${port} --user ${user}`;
  console.log(
    german
      ? `${name} läuft auf ${host}, Port ${port}, ohne TLS; Benutzer ${user}, Passwort ${password}.\nDas Postfach bleibt in ${folder}. Zum Ausprobieren:\n  ${init}\nStrg-C beendet.`
      : `${name} runs at ${host}, port ${port}, without TLS; user ${user}, password ${password}.\nThe mailbox is kept in ${folder}. To try it:\n  ${init}\nCtrl-C ends it.`,
  );
  await new Promise<void>((resolve) => {
    const idle = setInterval(() => undefined, 60_000);
    const end = (): void => {
      clearInterval(idle);
      resolve();
    };
    process.once("SIGINT", end).once("SIGTERM", end);
  });
}
