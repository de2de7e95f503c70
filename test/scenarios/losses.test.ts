import { expect, test } from "vitest";
import { listing, mail, Play, Stage, seen } from "./stage.ts";

test("a discovery answers empty once: nothing is told", async () => {
  for (const count of [3, 30]) {
    const box = new Stage("mail", "INBOX");
    for (let n = 1; n <= count; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
    await using play = new Play([box]);
    await play.sync();
    box.discoveries.push([]);
    expect(await play.sync()).toEqual([]);
    expect(await play.sync()).toEqual([]);
  }
});

test("a listing that lost nearly everything is asked again before it is told", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 60; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  const asked: boolean[] = [];
  // A restored replica: until it is asked on a new connection it knows of one mail only.
  box.fetching = (room, key) => (key === "1" ? seen(room, key) : { key, gone: true });
  box.room("INBOX").looks.push(
    (room) => [listing(room, ["1"])],
    (room, _since, { fresh }) => {
      asked.push(fresh === true);
      box.fetching = seen;
      return [listing(room)];
    },
  );
  expect(await play.sync()).toEqual([]);
  expect(asked).toEqual([true]);
});

test("a listing that is asked again and leaves out what is there is not believed either", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 60; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  // A replica that fills up slowly: by key it soon knows ten mails, its listings still show one.
  const partly = (some: number) => (room: ReturnType<Stage["room"]>) => {
    box.fetching = (_room, key) => (Number(key) <= some ? seen(room, key) : { key, gone: true });
    return [listing(room, ["1"])];
  };
  box.room("INBOX").looks.push(partly(1), ...Array.from({ length: 20 }, () => partly(10)));
  const hub = await play.open();
  expect(await hub.sync()).toMatchObject([{ held: ["mail/INBOX"], told: 0 }]);
  play.clock.advance(7_200_000);
  expect(await hub.sync()).toMatchObject([{ held: ["mail/INBOX"], told: 0 }]);
  box.room("INBOX").looks.length = 0;
  box.fetching = seen;
  expect(await hub.sync()).toMatchObject([{ held: [], told: 0, open: 0 }]);
});

test("a mail that comes while a mailbox twice lists next to nothing is told", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 60; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  box.set("INBOX", "61", mail("m61"));
  // Its position is beyond the new mail, and everything but the first is there when asked for by key.
  const lies = (room: ReturnType<Stage["room"]>) => [listing(room, ["1"])];
  box.room("INBOX").looks.push(lies, lies);
  expect(await play.sync()).toEqual(["Create m61 > mail/INBOX"]);
});

test("a mailbox that was really emptied is told as emptied", async () => {
  const box = new Stage("mail", "INBOX");
  for (let n = 1; n <= 60; n += 1) box.set("INBOX", String(n), mail(`m${n}`));
  await using play = new Play([box]);
  await play.sync();
  box.room("INBOX").items.clear();
  const told = [...(await play.sync()), ...(await play.sync()), ...(await play.sync())];
  expect(told).toHaveLength(60);
});
